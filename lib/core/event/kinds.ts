// kubectl accepts a kind in lower case as a resource, also for custom resources.
/** Namespaced kinds in lower case, of Kubernetes and of common add-ons. */
export const namespaced = new Set(
  [
    'pod deployment replicaset statefulset daemonset job cronjob replicationcontroller service endpoints endpointslice',
    'ingress configmap secret serviceaccount persistentvolumeclaim horizontalpodautoscaler poddisruptionbudget lease',
    'resourcequota limitrange networkpolicy role rolebinding certificate certificaterequest issuer order challenge',
    'machine helmchart helmrelease kustomization gitrepository scaledobject externalsecret addon podmonitor',
  ].flatMap((line) => line.split(' ')),
)
/** Cluster-wide kinds in lower case. */
export const clusterWide = new Set(
  [
    'node namespace persistentvolume storageclass volumeattachment customresourcedefinition csinode clusterrole',
    'clusterrolebinding certificatesigningrequest clusterissuer clusteroperator clusterversion machineconfigpool etcd',
  ].flatMap((line) => line.split(' ')),
)
