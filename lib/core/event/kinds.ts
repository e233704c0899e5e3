// kubectl takes a kind in lower case for its resource, those of custom resources too.
/** Kinds in lower case, of Kubernetes and of what is often installed. */
export const namespaced = new Set(
  [
    'pod deployment replicaset statefulset daemonset job cronjob replicationcontroller service endpoints endpointslice',
    'ingress configmap secret serviceaccount persistentvolumeclaim horizontalpodautoscaler poddisruptionbudget lease',
    'resourcequota limitrange networkpolicy role rolebinding certificate certificaterequest issuer order challenge',
    'machine helmchart helmrelease kustomization gitrepository scaledobject externalsecret addon podmonitor',
  ].flatMap((line) => line.split(' ')),
)
/** Likewise, of objects that are in no namespace. */
export const clusterWide = new Set(
  [
    'node namespace persistentvolume storageclass volumeattachment customresourcedefinition csinode clusterrole',
    'clusterrolebinding certificatesigningrequest clusterissuer clusteroperator clusterversion machineconfigpool etcd',
  ].flatMap((line) => line.split(' ')),
)
