/**
 * Everything that cards say, in English, which is also the fallback of a language that lacks a line. Telegram turns text that looks like a
 * path, a site or a command into a link, so no text here does.
 */
export const en = {
  /** By cause (lib/core/event/cause-table.ts), or by reason where a good event has no cause. */
  titles: {
    'image-pull': 'Image cannot be pulled',
    'container-config': 'Invalid container configuration',
    'container-start': 'Container cannot start',
    'crash-loop': 'Crash loop',
    'image-pull-secret': 'Image pull secret missing',
    'probe-readiness': 'Readiness probe fails',
    'probe-liveness': 'Liveness probe fails',
    'probe-startup': 'Startup probe fails',
    unhealthy: 'Probe fails',
    'probe-warning': 'Probe returned a warning',
    'lifecycle-hook': 'Lifecycle hook failed',
    'container-gone': 'Container already gone',
    'container-kill': 'Container cannot be stopped',
    sandbox: 'Pod sandbox cannot be set up',
    'network-not-ready': 'Pod network not ready on node',
    'pod-sync': 'Pod cannot be synced',
    device: 'Device cannot be prepared',
    'pod-admission': 'Node rejected the pod',
    'volume-mount': 'Volume cannot be mounted',
    'volume-resize': 'Volume cannot be resized',
    preemption: 'Pod preempted',
    eviction: 'Pods evicted from a node',
    'node-memory': 'Node low on memory',
    'node-disk': 'Node disk full or failing',
    'image-cleanup': 'Image cleanup failed on a node',
    'node-runtime': 'Container runtime problem',
    'disk-capacity': 'Disk capacity unknown',
    'node-pid': 'Node low on process IDs',
    'node-reboot': 'Node rebooted',
    'node-shutdown': 'Node is shutting down',
    'node-cordoned': 'Node cordoned',
    'node-resources': 'Node cannot reserve resources',
    'kubelet-restart': 'Kubelet restarted or failed',
    dns: 'DNS configuration problem',
    'cgroup-v1': 'Node uses cgroup v1',
    scheduling: 'Pod cannot be scheduled',
    'pod-node-not-ready': "Pod's node not ready",
    'node-not-ready': 'Node not ready',
    'node-network': 'Node network not set up',
    'node-removed': 'Node removed',
    quota: 'Quota exceeded',
    machine: 'Machine cannot be created',
    'pod-create': 'Pods cannot be created',
    'pod-delete': 'Pods cannot be deleted',
    'pod-failed': 'Failed pod is being replaced',
    'job-failed': 'Job failed',
    'cron-schedule': 'CronJob did not run on time',
    'autoscaler-metrics': 'Autoscaler has no metrics',
    'autoscaler-scale': 'Autoscaler cannot scale',
    endpoints: 'Service endpoints not updated',
    'volume-attach': 'Volume cannot be attached',
    'volume-provision': 'Volume cannot be provisioned',
    'volume-delete': 'Volume cannot be deleted',
    'pvc-pending': 'Volume claim is pending',
    'disruption-budget': 'Disruption budget not working',
    'owner-reference': 'Owner in wrong namespace',
    'load-balancer': 'Load balancer not set up',
    'node-autoscaler': 'Cluster autoscaler failed',
    'container-oom': 'Container out of memory',
    'node-kernel': 'Kernel problem on a node',
    'node-hardware': 'Hardware problem on a node',
    'node-limits': 'Node reached a system limit',
    certificate: 'Certificate failed or expiring',
    etcd: 'etcd member problem',
    'operator-degraded': 'Cluster operator degraded',
    'operator-installer': 'Operator installer failed',
    'operator-apply': 'Operator cannot apply a change',
    'operator-resync': 'Operator resyncs too often',
    'pod-network': 'Pod port not added to network',
    'target-refused': 'Telegram refuses a target',
    'not-delivered': 'Incidents not delivered',
    suppressed: 'Suppressed events',
    'no-events': 'No events from a cluster',
    'rules-refused': 'New rules have mistakes',
    NodeReady: 'Node ready',
    NodeSchedulable: 'Node accepts pods again',
    NodeHasSufficientMemory: 'Node has enough memory',
    NodeHasNoDiskPressure: 'Node has no disk pressure',
    NodeHasSufficientPID: 'Node has enough process IDs',
    NodeHasSufficientDisk: 'Node has enough disk space',
    KubeAPIReadyz: 'API server ready',
    TaintManagerEviction: 'Eviction cancelled',
  },
  /**
   * What an incident usually means, and what to look at first. Under the name of a cause: shown on each of its cards for which no row of
   * lib/core/message/hints.ts names another hint.
   */
  hints: {
    'image-not-found':
      'The registry has no such repository or tag. Check for a typo, and whether the build pushed the image.',
    'image-denied':
      'The registry denies access. The pull secret is missing or expired, or the repository does not exist.',
    'image-timeout': 'The node cannot reach the registry. Check its egress rules, proxy, firewall and MTU.',
    'image-dns': "The node cannot resolve the registry's name. Check for a typo, then check the DNS of the node.",
    'image-rate-limit': 'The registry limits pulls. Log in or use a mirror. The limit ends by itself.',
    'image-qps': 'Many pulls start at once, so the kubelet delays some (registryPullQPS). The retry normally succeeds.',
    'image-certificate':
      "The node does not trust the registry's certificate: it expired, has a wrong name or an unknown CA.",
    'image-name': 'The image name is invalid: capital letters or an empty tag, often from an unset variable.',
    'image-platform': 'The image has no build for the CPU of this node (amd64 or arm64). Build it for both.',
    'image-never': 'The pull policy is Never and the image is not on this node. Load it there or change the policy.',
    'image-backoff': 'The kubelet retries within 5 minutes. An earlier event of the pod names the reason.',
    'image-cleanup':
      'Normal just after the kubelet starts. If this continues, check the container runtime and the kubelet log.',
    'no-space': 'The disk of the node is full, so nothing can be unpacked or started. Free space or drain the node.',
    'crash-loop': 'The container exits soon after it starts. Check its previous log.',
    'container-oom': 'The container exceeded its memory limit and was killed. Raise the limit or find the leak.',
    'container-gone': 'Harmless: the container to stop was already gone. Act only if this continues.',
    'container-kill':
      'The container does not stop. Check the container runtime on the node, and whether a process hangs.',
    'hook-failed': 'A postStart or preStop hook failed. Check that its command exists in the image and succeeds.',
    'start-not-found':
      'The image has no such command in its PATH. Check command and args for a typo, or use a fuller base image.',
    'start-no-file':
      'The path of the command does not exist: the image lacks it, a volume hides it, or its interpreter is missing.',
    'start-permission':
      'This user is not allowed to run the entrypoint. Check its file mode, runAsUser and noexec mounts.',
    'config-missing': 'A ConfigMap or Secret is missing in the namespace of the pod. Create it and the pod starts.',
    'config-key': 'The ConfigMap or Secret lacks a key that the container needs. Compare the names.',
    'config-non-root': 'The pod must not run as root, but its image does. Set a numeric runAsUser.',
    'readiness-refused':
      'Nothing listens on the port, so the pod gets no traffic. It may be starting, crashed or on another port.',
    'readiness-timeout':
      'The app answers too slowly, so the pod gets no traffic. Check CPU throttling and slow dependencies.',
    'liveness-refused':
      'Nothing listens on the port. The container restarts if this continues. A slow app needs a startup probe.',
    'liveness-timeout':
      'The app hangs or lacks CPU. The container restarts if this continues. A probe waits 1 second by default.',
    'liveness-killed': 'The container was restarted because its liveness probe kept failing. Check its previous log.',
    'startup-slow':
      'The app is not up yet. After failureThreshold x periodSeconds the container restarts. Check its log.',
    'probe-5xx': 'The app runs but reports a problem, often with a dependency. Check its log.',
    'probe-4xx': 'The app answers, but the probe has a wrong path or Host header, or lacks credentials.',
    'probe-reset': 'The app drops the connection: it crashes, is overloaded, or only one side uses TLS.',
    'probe-exec': 'The command of the probe fails in the container. The message shows its output. Run it by hand.',
    unhealthy: 'A probe of the container fails. Check the settings of the probe and the log of the container.',
    'no-scale-up': 'The autoscaler adds no node: a new node would not fit, or its node groups are at their maximum.',
    'sched-harmless': 'Nothing to do: the pod was being deleted or already had a node.',
    'sched-no-nodes': 'The cluster has no nodes. Check the node pool and its kubelets.',
    'sched-claim': 'A volume claim of the pod is missing or not bound. The events of the claim name the reason.',
    'sched-claim-missing': 'The pod uses a volume claim that does not exist in its namespace. Create it.',
    'sched-bind-slow': 'The volume was not bound in time. Check the claim and the log of its CSI provisioner.',
    'sched-zone': 'The volume is in a zone or on a node without room for the pod. Make room there.',
    'sched-not-ready': 'Nodes that could run the pod are not ready. Check first which nodes, and why.',
    'sched-gpu': 'No node has the devices free. All are in use, or the device plugin is down.',
    'sched-cpu': 'No node has enough unreserved CPU. Requests count, not usage. Lower the requests or add a node.',
    'sched-memory':
      'No node has enough unreserved memory. Requests count, not usage. Lower the requests or add a node.',
    'sched-pods': 'The nodes are at their pod limit: 110 by default, or the number of their addresses. Add a node.',
    'sched-ports':
      'The host port is in use on every node that fits. Each node can run one such pod, old ones included.',
    'sched-affinity': 'Affinity or spread rules exclude every node. Often there are more replicas than nodes or zones.',
    'sched-cordoned': 'Nodes are cordoned, by an upgrade or by hand. Uncordon them when that work is done.',
    'sched-selector': 'No node has the labels that nodeSelector or affinity of the pod requires. Compare them.',
    'sched-tainted': 'The nodes are tainted for other uses. Add a toleration, or add nodes for this pod.',
    'mount-missing':
      'The Secret or ConfigMap of the volume is missing in the namespace. Create it and the mount succeeds.',
    'mount-cache':
      'The kubelet did not get the Secret or ConfigMap in time. If this continues, the API server is slow.',
    'mount-untracked': 'The pod just ended, or the kubelet just started. Act only if this continues.',
    'mount-no-driver': "The volume's CSI driver does not run on this node. Check the pod of the driver there.",
    'mount-key': 'The Secret or ConfigMap lacks a key that the volume needs. Compare the names.',
    'mount-waiting':
      'A volume is still missing after 2 minutes. Other events of the pod or its volume claim name the reason.',
    'mount-host-path': 'The hostPath does not exist on the node, or has another type than the pod requires.',
    'mount-token': 'The API server issued no token. It was not reachable, or the pod was already deleted.',
    'mount-failed':
      'The node cannot mount the volume: the server is not reachable, denies access, or client tools are missing.',
    'multi-attach':
      'The disk is attached to another node. The old pod must end first. Delete it by force if that node is dead.',
    'volume-resize':
      'The volume cannot grow. Check that its storage class allows it, and the log of its CSI controller.',
    'volume-delete':
      'The storage cannot delete the volume. Check that it is detached, and the log of its CSI controller.',
    'cloud-limit':
      'The cloud account or machine reached its limit of volumes or addresses. Free some or raise the limit.',
    'cloud-throttled': 'The cloud API throttles the cluster. Retries follow by themselves. Check who calls so often.',
    'provision-slow': 'The storage did not create the volume in time. Check the log of its CSI controller.',
    'pvc-provisioner': "Normal for a few seconds. If this continues, the CSI driver's controller is down or failing.",
    'pvc-no-class': 'The claim has no storage class and there is no default, or its class does not exist.',
    'pvc-first-use': 'Normal: the volume is created when a pod that uses the claim is scheduled.',
    quota: 'The quota of the namespace is used up, so no new pods start. Delete some or raise the quota.',
    'quota-needs-limits':
      'A quota of the namespace requires requests and limits. Set them on the pods, or add a LimitRange.',
    'account-missing': 'The service account of the pods does not exist. Create it; the controller retries.',
    'webhook-down': 'An admission webhook does not answer and blocks new pods. Check the pods of its service.',
    'webhook-denied':
      'An admission policy rejects the pod. The message names the reason. Change the pod or the policy.',
    'pod-security': 'The pod violates the Pod Security level of its namespace. Change what the message lists.',
    'pod-sync': 'The kubelet cannot start or stop the pod and retries. Other events of the pod name the reason.',
    'pod-admission':
      'The kubelet rejected the pod: a resource, port or label does not match any more. The controller replaces it.',
    'pod-delete':
      'The controller cannot delete a pod. Check for a webhook that denies it, and whether the API answers.',
    'pod-failed': 'A pod failed and its controller creates a new one. Check the log of the failed pod.',
    'pod-network': 'The network plugin could not connect the pod and retries. If this continues, check its pods.',
    device: 'The device driver cannot prepare what the pod claims. Check the pod of the driver on this node.',
    'cni-credentials':
      'The API server rejects the network plugin: its token is outdated. Restart its pod on this node.',
    'cni-forbidden': 'The network plugin lacks permissions. Its ClusterRole is missing or outdated.',
    'cni-addresses': 'The node or subnet has no free pod address. Remove finished pods or enlarge the range.',
    'cni-not-ready': 'The network plugin does not run on this node. Check the pod of its DaemonSet there.',
    'metrics-missing': 'No resource metrics are available. metrics-server is not installed, or it is down.',
    'metrics-early':
      'The pods have no metrics yet: they are new or not ready. If this continues, check metrics-server.',
    'metrics-request':
      'A container has no request for this resource, so its usage in percent is unknown. Set a request.',
    'autoscaler-scale':
      'The autoscaler cannot change the number of replicas. Check that its target exists and can be scaled.',
    'acme-challenge':
      'The DNS record or ingress of the challenge cannot be created. The text of the provider names the reason.',
    conflict: 'Conflicting updates; the retry normally succeeds. Act only if this continues for minutes.',
    'endpoints-address': 'A pod or endpoint has an address that services must not use: loopback or link-local.',
    'disruption-budget':
      'The pods that should stay up cannot be counted, so drains may block. Check its selector and who owns the pods.',
    'load-balancer':
      'The cloud controller cannot set up the load balancer. Check quota, subnets and annotations of the service.',
    'etcd-joining':
      'A new etcd member has not started yet, for example while a node is replaced. Act if this continues.',
    'etcd-member': 'An etcd member does not answer. Without a majority the API server stops. Check its node and disk.',
    'taint-eviction': 'The node has a NoExecute taint, usually after 5 minutes of not being ready. Check the node.',
    evicted: 'The node ran low on memory or disk. Pods above their requests are evicted first. Set requests.',
    'evicted-limit':
      'The pod wrote more to disk (logs, emptyDir, own files) than its limit allows. Write less or raise the limit.',
    'node-pressure': 'The node evicts pods until it recovers. Check what fills its memory, disk or process IDs.',
    'disk-read-only':
      'The kernel found disk errors and made the file system read-only. Drain the node and replace the disk.',
    'node-reboot': 'The node rebooted: planned, a kernel crash or a power failure. Its pods start again.',
    'node-runtime': 'The container runtime hangs or restarts. Check its log. Drain the node if this continues.',
    'node-resources':
      'The kubelet cannot reserve resources for the system. Check its log and its reservation settings.',
    'node-network': 'The node got no pod addresses or no route. Check the pod address range and the cloud controller.',
    'node-autoscaler': 'The number of nodes cannot be changed. Check the cloud quota, the node groups and the log.',
    'node-kernel':
      'The kernel reports hung tasks, disk errors or a crash. Check its log. Drain the node if this continues.',
    'node-hardware': 'The node reports memory or GPU errors. Drain the node and check its hardware.',
    'node-limits':
      'The node ran out of file handles or connections, or its clock is not synchronised. Check the message.',
    'kubelet-failing': 'The kubelet does not start or keeps restarting. Check its log on the node.',
    'dns-limits': 'The node lists more than 3 name servers, but pods use only the first 3. Shorten its list.',
    'dns-missing': 'The kubelet has no cluster DNS address, so pods cannot resolve services. Set clusterDNS.',
    preempted: 'A pod of higher priority took its place. Add a node, or raise the priority of this pod.',
    'system-oom': 'The node itself ran out of memory: the limits exceed what it has. Check its largest pods.',
    'node-not-ready':
      'The kubelet is silent or reports a problem. After 5 minutes its pods move. Check machine, disk and network.',
    'pod-on-bad-node': 'The pod is not the problem: its node is not ready, so the pod gets no traffic. Check the node.',
    machine: 'The cloud cannot create the machine. Check quota, machine type and credentials; the message says more.',
    'job-backoff': 'The pods failed more often than backoffLimit allows, so there is no retry. Check their log.',
    'job-deadline':
      'The job ran longer than activeDeadlineSeconds and was stopped. It was slow, stuck or never scheduled.',
    'cron-missed': 'The job did not start in time: the controller was down, or startingDeadlineSeconds is too short.',
    'operator-degraded':
      'A cluster operator does not reach its goal. The conditions in its status name the part that fails.',
    'operator-installer':
      'The operator cannot install a new revision. Check its installer pods and the missing resources.',
    'operator-apply': 'The operator cannot create or update an object and retries. The message names the reason.',
    'target-refused': 'Check that the chat exists, and that the bot is a member of it and is allowed to write.',
    'not-delivered': 'Check the target in the configuration, and that the bot is allowed to write to its chat.',
    'no-events':
      'Check the pod and log of kube-eventer, the topic and the consumer lag. Kafka 4 rejects an unpatched kube-eventer.',
    'rules-refused': 'Correct the file and upload it again. The command check finds mistakes before an upload.',
  },
  card: {
    event: 'Event',
    inCluster: 'in',
    over: 'This incident is over.',
    continued: '↓ continues in a newer message',
    suppressedByRule: 'now suppressed by rule',
    mutedBy: 'muted by',
    until: 'until',
    possiblyRepeated: '↻ possibly repeated',
    late: (duration: string) => `⏱ delivered ${duration} late`,
    combined: 'The latest of many similar messages:',
    thousandsSeparator: ',',
    cut: (characters: string) => `… (+${characters} characters)`,
    times: (count: string) => `×${count}`,
    timesAtLeast: (count: string) => `${count}+ times`,
    timesWithin: (times: string, duration: string) => `${times} in ${duration}`,
    eventTime: 'event time',
    units: { seconds: 's', minutes: 'min', hours: 'h', days: 'd' },
    about: (count: string) => `about ${count}`,
    andMore: (count: string) => `and ${count} more`,
    pods: 'pods',
    nodes: 'nodes',
    object: 'object',
    objects: 'objects',
    /** The plural of any kind of Kubernetes. */
    ofKind: (kind: string) => `${kind}s`,
    pod: 'pod',
    node: 'node',
    container: 'container',
    on: 'on',
    action: 'action',
    related: 'related',
    podsOf: 'Pods of',
  },
  /** The messages of the program's own events (lib/core/message/own-event-texts.ts). */
  ownEvents: {
    noEvents: (cluster: string, since: string, duration: string) =>
      `No events received from cluster ${cluster} since ${since} (${duration}).`,
    eventsAgain: (since: string, duration: string) =>
      `Events received again since ${since}, after ${duration} without any.`,
    notDelivered: (since: string) => `Not delivered since ${since}. Delivery was given up after 24 h.`,
    rulesRefused: (version: string) => `Version ${version} has mistakes. The last good version stays in use.`,
    rulesFixed: (version: string) => `Version ${version} is in use.`,
    suppressed: (count: string) => `${count} suppressed in 24 h`,
    mostly: 'mostly',
  },
  /** Why no node fits a pod (lib/core/message/scheduling.ts); `{nodes}` is the number of nodes. */
  scheduling: {
    noneOf: 'none of {nodes} nodes fits',
    onlyOne: 'the only node does not fit',
    none: 'no node fits',
    noneNew: 'a new node would not help',
    cpu: 'too little CPU',
    memory: 'too little memory',
    storage: 'too little ephemeral storage',
    resource: 'too little {detail}',
    pods: 'at the pod limit',
    taint: 'tainted',
    cordoned: 'cordoned',
    'not-ready': 'not ready',
    selector: 'without matching labels',
    affinity: 'excluded by pod affinity',
    'anti-affinity': 'excluded by pod anti-affinity',
    spread: 'excluded by spread rules',
    ports: 'with the port in use',
    'volume-zone': 'in another zone than the volume',
    'volume-limit': 'at the volume limit',
    claim: 'without a bound volume claim',
    'claim-missing': 'volume claim {detail} does not exist',
  },
}

/** All texts of a language. */
export type Words = typeof en

/** A language other than English; what it lacks stays English. */
export type Translation = { [Section in keyof Words]?: Partial<Words[Section]> }

export type HintId = keyof Words['hints']
