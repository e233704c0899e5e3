import type { Translation } from './en.ts'

/** German; en.ts says what each text is for. */
export const de: Translation = {
  titles: {
    'image-pull': 'Image-Pull fehlgeschlagen',
    'container-config': 'Container-Konfiguration ungültig',
    'container-start': 'Container startet nicht',
    'crash-loop': 'Crash-Loop',
    'image-pull-secret': 'Image-Pull-Secret fehlt',
    'probe-readiness': 'Readiness-Probe schlägt fehl',
    'probe-liveness': 'Liveness-Probe schlägt fehl',
    'probe-startup': 'Startup-Probe schlägt fehl',
    unhealthy: 'Probe schlägt fehl',
    'probe-warning': 'Probe meldet eine Warnung',
    'lifecycle-hook': 'Lifecycle-Hook fehlgeschlagen',
    'container-gone': 'Container war schon beendet',
    'container-kill': 'Container lässt sich nicht stoppen',
    sandbox: 'Pod-Sandbox fehlgeschlagen',
    'network-not-ready': 'Pod-Netz auf Node nicht bereit',
    'pod-sync': 'Pod-Sync fehlgeschlagen',
    device: 'Gerät nicht bereitgestellt',
    'pod-admission': 'Node hat den Pod abgelehnt',
    'volume-mount': 'Volume lässt sich nicht mounten',
    'volume-resize': 'Volume lässt sich nicht vergrößern',
    preemption: 'Pod verdrängt',
    eviction: 'Pods vom Node entfernt (Eviction)',
    'node-memory': 'Node hat zu wenig RAM',
    'node-disk': 'Platte des Nodes voll oder defekt',
    'image-cleanup': 'Image-Bereinigung fehlgeschlagen',
    'node-runtime': 'Container-Runtime gestört',
    'disk-capacity': 'Kapazität der Platte unbekannt',
    'node-pid': 'Node hat kaum freie Prozess-IDs',
    'node-reboot': 'Node neu gestartet',
    'node-shutdown': 'Node fährt herunter',
    'node-cordoned': 'Node per Cordon gesperrt',
    'node-resources': 'Node kann nichts reservieren',
    'kubelet-restart': 'Kubelet neu gestartet oder gestört',
    dns: 'Problem mit der DNS-Konfiguration',
    'cgroup-v1': 'Node nutzt cgroup v1',
    scheduling: 'Pod findet keinen Node',
    'pod-node-not-ready': 'Node des Pods nicht bereit',
    'node-not-ready': 'Node nicht bereit',
    'node-network': 'Node-Netz nicht eingerichtet',
    'node-removed': 'Node entfernt',
    quota: 'Quota überschritten',
    machine: 'Machine lässt sich nicht anlegen',
    'pod-create': 'Pods lassen sich nicht anlegen',
    'pod-delete': 'Pods lassen sich nicht löschen',
    'pod-failed': 'Gescheiterter Pod wird ersetzt',
    'job-failed': 'Job fehlgeschlagen',
    'cron-schedule': 'CronJob lief nicht pünktlich',
    'autoscaler-metrics': 'Autoscaler hat keine Metriken',
    'autoscaler-scale': 'Autoscaler kann nicht skalieren',
    endpoints: 'Service-Endpoints nicht aktuell',
    'volume-attach': 'Volume lässt sich nicht anhängen',
    'volume-provision': 'Volume lässt sich nicht anlegen',
    'volume-delete': 'Volume lässt sich nicht löschen',
    'pvc-pending': 'PVC wartet auf ein Volume',
    'disruption-budget': 'Disruption-Budget wirkt nicht',
    'owner-reference': 'Owner im falschen Namespace',
    'load-balancer': 'Load-Balancer nicht eingerichtet',
    'node-autoscaler': 'Cluster-Autoscaler gescheitert',
    'container-oom': 'Container hat zu wenig RAM',
    'node-kernel': 'Kernel-Problem auf einem Node',
    'node-hardware': 'Hardware-Problem auf einem Node',
    'node-limits': 'Node an einem System-Limit',
    certificate: 'Zertifikat gestört oder läuft ab',
    etcd: 'Problem mit einem etcd-Member',
    'operator-degraded': 'Cluster-Operator beeinträchtigt',
    'operator-installer': 'Operator-Installer gescheitert',
    'operator-apply': 'Operator kann nichts anwenden',
    'operator-resync': 'Operator gleicht zu oft ab',
    'pod-network': 'Pod-Port nicht im Netz angelegt',
    'target-refused': 'Telegram lehnt ein Ziel ab',
    'not-delivered': 'Nicht zugestellte Vorfälle',
    suppressed: 'Unterdrückte Events',
    'no-events': 'Keine Events aus einem Cluster',
    'rules-refused': 'Neue Regeln haben Fehler',
    NodeReady: 'Node bereit',
    NodeSchedulable: 'Node nimmt wieder Pods an',
    NodeHasSufficientMemory: 'Node hat genug RAM',
    NodeHasNoDiskPressure: 'Node ohne DiskPressure',
    NodeHasSufficientPID: 'Node hat genug Prozess-IDs',
    NodeHasSufficientDisk: 'Node hat genug Plattenplatz',
    KubeAPIReadyz: 'API-Server bereit',
    TaintManagerEviction: 'Eviction abgebrochen',
  },
  hints: {
    'image-not-found':
      'Die Registry kennt Repository oder Tag nicht. Prüfe auf Tippfehler und ob der Build das Image gepusht hat.',
    'image-denied':
      'Die Registry lehnt den Zugriff ab. Das Pull-Secret fehlt oder ist abgelaufen, oder es gibt das Repository nicht.',
    'image-timeout': 'Der Node erreicht die Registry nicht. Prüfe Egress-Regeln, Proxy, Firewall und MTU.',
    'image-dns': 'Der Node kann den Namen der Registry nicht auflösen. Prüfe auf Tippfehler, dann das DNS des Nodes.',
    'image-rate-limit': 'Die Registry begrenzt Pulls. Nutze einen Login oder einen Mirror. Das Limit endet von selbst.',
    'image-qps':
      'Viele Pulls starten zugleich, daher verzögert das Kubelet einige (registryPullQPS). Ein neuer Versuch gelingt meist.',
    'image-certificate':
      'Der Node vertraut dem Zertifikat der Registry nicht: abgelaufen, falscher Name oder unbekannte CA.',
    'image-name':
      'Der Image-Name ist ungültig: Großbuchstaben oder leerer Tag, oft wegen einer nicht gesetzten Variable.',
    'image-platform': 'Das Image hat keinen Build für die CPU dieses Nodes (amd64 oder arm64). Baue es für beide.',
    'image-never':
      'Die Pull-Policy ist Never und das Image liegt nicht auf diesem Node. Lade es dort oder ändere die Policy.',
    'image-backoff': 'Das Kubelet versucht es binnen 5 Minuten erneut. Ein früheres Event des Pods nennt den Grund.',
    'image-cleanup':
      'Kurz nach dem Start des Kubelets normal. Hält es an, prüfe die Container-Runtime und das Log des Kubelets.',
    'no-space':
      'Die Platte des Nodes ist voll, nichts lässt sich entpacken oder starten. Schaffe Platz oder leere den Node (Drain).',
    'crash-loop': 'Der Container endet kurz nach dem Start. Prüfe sein voriges Log.',
    'container-oom':
      'Der Container hat sein Memory-Limit überschritten und wurde beendet. Erhöhe das Limit oder finde das Leck.',
    'container-gone': 'Harmlos: Der zu stoppende Container war schon beendet. Nur relevant, wenn es anhält.',
    'container-kill': 'Der Container stoppt nicht. Prüfe die Container-Runtime des Nodes und ob ein Prozess hängt.',
    'hook-failed':
      'Ein postStart- oder preStop-Hook schlug fehl. Prüfe, ob sein Befehl im Image vorhanden ist und gelingt.',
    'start-not-found':
      'Der Befehl ist nicht im PATH des Images. Prüfe command und args auf Tippfehler, oder nutze ein größeres Basis-Image.',
    'start-no-file':
      'Den Pfad des Befehls gibt es nicht: Er fehlt im Image, ein Volume verdeckt ihn, oder der Interpreter fehlt.',
    'start-permission':
      'Dieser User darf den Entrypoint nicht ausführen. Prüfe Dateirechte, runAsUser und noexec-Mounts.',
    'config-missing': 'Eine ConfigMap oder ein Secret fehlt im Namespace des Pods. Lege es an, dann startet der Pod.',
    'config-key': 'In ConfigMap oder Secret fehlt ein Key, den der Container braucht. Vergleiche die Namen.',
    'config-non-root': 'Der Pod darf nicht als root laufen, sein Image tut es aber. Setze runAsUser auf eine Zahl.',
    'readiness-refused':
      'Nichts lauscht auf dem Port, daher kein Traffic: Die App startet noch, ist abgestürzt oder nutzt einen anderen Port.',
    'readiness-timeout':
      'Die App antwortet zu langsam, daher kein Traffic. Prüfe CPU-Drosselung und langsame Abhängigkeiten.',
    'liveness-refused':
      'Nichts lauscht auf dem Port. Hält das an, startet der Container neu. Bei langsamem Start hilft eine Startup-Probe.',
    'liveness-timeout':
      'Die App hängt oder hat zu wenig CPU. Hält das an, startet der Container neu. Probes warten nur 1 Sekunde.',
    'liveness-killed':
      'Der Container wurde neu gestartet, weil seine Liveness-Probe immer wieder fehlschlug. Prüfe sein voriges Log.',
    'startup-slow':
      'Die App ist noch nicht bereit. Nach failureThreshold x periodSeconds startet der Container neu. Prüfe sein Log.',
    'probe-5xx': 'Die App läuft, meldet aber ein Problem, oft mit einer Abhängigkeit. Prüfe ihr Log.',
    'probe-4xx':
      'Die App antwortet, aber die Probe hat einen falschen Pfad oder Host-Header, oder ihr fehlen Zugangsdaten.',
    'probe-reset': 'Die App bricht die Verbindung ab: Sie stürzt ab, ist überlastet, oder nur eine Seite nutzt TLS.',
    'probe-exec':
      'Der Befehl der Probe scheitert im Container. Die Meldung zeigt seine Ausgabe. Führe ihn von Hand aus.',
    unhealthy: 'Eine Probe des Containers schlägt fehl. Prüfe die Einstellungen der Probe und das Log des Containers.',
    'no-scale-up':
      'Der Autoscaler fügt keinen Node hinzu: Ein neuer Node passt nicht, oder die Gruppen sind am Maximum.',
    'sched-harmless': 'Nichts zu tun: Der Pod wurde gerade gelöscht oder hatte schon einen Node.',
    'sched-no-nodes': 'Der Cluster hat keine Nodes. Prüfe den Node-Pool und seine Kubelets.',
    'sched-claim': 'Ein PVC des Pods fehlt oder ist nicht gebunden. Die Events des PVC nennen den Grund.',
    'sched-claim-missing': 'Der Pod nutzt einen PVC, den es in seinem Namespace nicht gibt. Lege ihn an.',
    'sched-bind-slow':
      'Das Volume wurde nicht rechtzeitig gebunden. Prüfe den PVC und das Log seines CSI-Provisioners.',
    'sched-zone': 'Das Volume liegt in einer Zone oder auf einem Node ohne Platz für den Pod. Schaffe dort Platz.',
    'sched-not-ready': 'Nodes, die den Pod aufnehmen könnten, sind nicht bereit. Prüfe zuerst, welche und warum.',
    'sched-gpu': 'Kein Node hat die Geräte frei. Alle sind belegt, oder das Device-Plugin ist ausgefallen.',
    'sched-cpu':
      'Kein Node hat genug freie CPU. Es zählen Requests, nicht der Verbrauch. Senke sie oder füge einen Node hinzu.',
    'sched-memory':
      'Kein Node hat genug freies RAM. Es zählen Requests, nicht der Verbrauch. Senke sie oder füge einen Node hinzu.',
    'sched-pods':
      'Die Nodes sind am Pod-Limit: standardmäßig 110, oder die Zahl ihrer Adressen. Füge einen Node hinzu.',
    'sched-ports':
      'Der Host-Port ist auf jedem passenden Node belegt. Pro Node läuft nur ein solcher Pod, alte mitgezählt.',
    'sched-affinity': 'Affinity- oder Spread-Regeln schließen jeden Node aus. Oft mehr Replicas als Nodes oder Zonen.',
    'sched-cordoned':
      'Nodes sind per Cordon gesperrt, durch ein Upgrade oder von Hand. Gib sie danach per Uncordon frei.',
    'sched-selector': 'Kein Node hat die Labels, die nodeSelector oder Affinity des Pods verlangt. Vergleiche sie.',
    'sched-tainted':
      'Die Nodes sind per Taint für anderes reserviert. Ergänze eine Toleration, oder Nodes für diesen Pod.',
    'mount-missing': 'Secret oder ConfigMap des Volumes fehlt im Namespace. Lege es an, dann gelingt der Mount.',
    'mount-cache':
      'Das Kubelet bekam Secret oder ConfigMap nicht rechtzeitig. Hält das an, ist der API-Server langsam.',
    'mount-untracked': 'Der Pod endete gerade, oder das Kubelet startete gerade. Nur relevant, wenn es anhält.',
    'mount-no-driver': 'Der CSI-Treiber des Volumes läuft auf diesem Node nicht. Prüfe dort den Pod des Treibers.',
    'mount-key': 'In Secret oder ConfigMap fehlt ein Key, den das Volume braucht. Vergleiche die Namen.',
    'mount-waiting': 'Ein Volume fehlt nach 2 Minuten noch. Andere Events des Pods oder seines PVC nennen den Grund.',
    'mount-host-path': 'Den hostPath gibt es auf dem Node nicht, oder er hat einen anderen Typ als verlangt.',
    'mount-token': 'Der API-Server gab kein Token aus. Er war nicht erreichbar, oder der Pod war schon gelöscht.',
    'mount-failed':
      'Der Node kann das Volume nicht mounten: Server nicht erreichbar, Zugriff verweigert, oder Client-Tools fehlen.',
    'multi-attach':
      'Die Platte hängt an einem anderen Node. Erst muss der alte Pod enden. Ist dessen Node tot, lösche ihn mit Force.',
    'volume-resize':
      'Das Volume lässt sich nicht vergrößern. Prüfe, ob seine StorageClass es erlaubt, und das Log des CSI-Controllers.',
    'volume-delete':
      'Der Storage kann das Volume nicht löschen. Prüfe, ob es noch angehängt ist, und das Log des CSI-Controllers.',
    'cloud-limit':
      'Cloud-Konto oder Maschine ist am Limit für Volumes oder Adressen. Gib welche frei oder erhöhe das Limit.',
    'cloud-throttled':
      'Die Cloud-API drosselt den Cluster. Neue Versuche folgen von selbst. Prüfe, wer sie so oft aufruft.',
    'provision-slow': 'Der Storage hat das Volume nicht rechtzeitig angelegt. Prüfe das Log seines CSI-Controllers.',
    'pvc-provisioner':
      'Einige Sekunden lang normal. Hält es an, ist der Controller des CSI-Treibers ausgefallen oder gestört.',
    'pvc-no-class': 'Der PVC hat keine StorageClass und es gibt keinen Default, oder seine Klasse existiert nicht.',
    'pvc-first-use': 'Normal: Das Volume entsteht, sobald ein Pod mit diesem PVC einen Node hat.',
    quota:
      'Die Quota des Namespace ist aufgebraucht, daher starten keine neuen Pods. Lösche welche oder erhöhe die Quota.',
    'quota-needs-limits':
      'Eine Quota des Namespace verlangt Requests und Limits. Setze sie an den Pods, oder lege eine LimitRange an.',
    'account-missing': 'Den ServiceAccount der Pods gibt es nicht. Lege ihn an; der Controller versucht es erneut.',
    'webhook-down': 'Ein Admission-Webhook antwortet nicht und blockiert neue Pods. Prüfe die Pods seines Service.',
    'webhook-denied':
      'Eine Admission-Policy lehnt den Pod ab. Die Meldung nennt den Grund. Ändere den Pod oder die Policy.',
    'pod-security': 'Der Pod verletzt das Pod-Security-Level seines Namespace. Ändere, was die Meldung auflistet.',
    'pod-sync':
      'Das Kubelet kann den Pod nicht starten oder stoppen und versucht es erneut. Andere Events nennen den Grund.',
    'pod-admission':
      'Das Kubelet lehnt den Pod ab: Ressourcen, Ports oder Labels passen nicht mehr. Der Controller ersetzt ihn.',
    'pod-delete':
      'Der Controller kann einen Pod nicht löschen. Prüfe, ob ein Webhook es ablehnt und ob die API antwortet.',
    'pod-failed': 'Ein Pod ist gescheitert, und sein Controller erstellt einen neuen. Prüfe das Log des alten Pods.',
    'pod-network':
      'Das Netz-Plugin konnte den Pod nicht verbinden und versucht es erneut. Hält das an, prüfe seine Pods.',
    device:
      'Der Gerätetreiber kann nicht bereitstellen, was der Pod verlangt. Prüfe den Pod des Treibers auf diesem Node.',
    'cni-credentials':
      'Der API-Server weist das Netz-Plugin ab: Sein Token ist veraltet. Starte seinen Pod auf diesem Node neu.',
    'cni-forbidden': 'Dem Netz-Plugin fehlen Rechte. Seine ClusterRole fehlt oder ist veraltet.',
    'cni-addresses':
      'Node oder Subnetz hat keine freie Pod-Adresse. Entferne beendete Pods oder vergrößere den Bereich.',
    'cni-not-ready': 'Das Netz-Plugin läuft auf diesem Node nicht. Prüfe dort den Pod seines DaemonSets.',
    'metrics-missing': 'Es gibt keine Ressourcen-Metriken. Der metrics-server ist nicht installiert oder ausgefallen.',
    'metrics-early':
      'Die Pods haben noch keine Metriken: Sie sind neu oder nicht bereit. Hält das an, prüfe den metrics-server.',
    'metrics-request':
      'Einem Container fehlt der Request für diese Ressource, daher gibt es keinen Prozentwert. Setze ihn.',
    'autoscaler-scale':
      'Der Autoscaler kann die Zahl der Replicas nicht ändern. Prüfe, ob es sein Ziel gibt und ob es skalierbar ist.',
    'acme-challenge':
      'DNS-Eintrag oder Ingress der Challenge lässt sich nicht anlegen. Der Text des Providers nennt den Grund.',
    conflict: 'Gleichzeitige Änderungen; ein neuer Versuch gelingt meist. Nur relevant, wenn es minutenlang anhält.',
    'endpoints-address':
      'Ein Pod oder Endpoint hat eine Adresse, die Services nicht nutzen dürfen: Loopback oder Link-Local.',
    'disruption-budget':
      'Die Pods, die laufen sollen, lassen sich nicht zählen; Drains können hängen. Prüfe Selector und Owner der Pods.',
    'load-balancer':
      'Der Cloud-Controller kann den Load-Balancer nicht einrichten. Prüfe Quota, Subnetze und Annotationen des Service.',
    'etcd-joining':
      'Ein neuer etcd-Member ist noch nicht gestartet, etwa beim Tausch eines Nodes. Nur relevant, wenn es anhält.',
    'etcd-member':
      'Ein etcd-Member antwortet nicht. Ohne Mehrheit steht der API-Server. Prüfe seinen Node und dessen Platte.',
    'taint-eviction': 'Der Node hat einen NoExecute-Taint, meist nach 5 Minuten ohne Bereitschaft. Prüfe den Node.',
    evicted: 'Dem Node ging RAM oder Plattenplatz aus. Pods über ihren Requests müssen zuerst weichen. Setze Requests.',
    'evicted-limit':
      'Der Pod schrieb mehr auf die Platte (Logs, emptyDir, Dateien), als sein Limit erlaubt. Schreibe weniger oder erhöhe es.',
    'node-pressure': 'Der Node entfernt Pods, bis er sich erholt. Prüfe, was RAM, Platte oder Prozess-IDs belegt.',
    'disk-read-only':
      'Der Kernel fand Plattenfehler und machte das Dateisystem read-only. Leere den Node (Drain), tausche die Platte.',
    'node-reboot': 'Der Node hat neu gestartet: geplant, Kernel-Absturz oder Stromausfall. Seine Pods starten wieder.',
    'node-runtime':
      'Die Container-Runtime hängt oder startet immer wieder neu. Prüfe ihr Log. Hält das an, leere den Node (Drain).',
    'node-resources':
      'Das Kubelet kann keine Ressourcen für das System reservieren. Prüfe sein Log und diese Einstellungen.',
    'node-network':
      'Der Node bekam keine Pod-Adressen oder keine Route. Prüfe den Adressbereich der Pods und den Cloud-Controller.',
    'node-autoscaler':
      'Die Zahl der Nodes lässt sich nicht ändern. Prüfe die Cloud-Quota, die Node-Gruppen und das Log.',
    'node-kernel':
      'Der Kernel meldet hängende Tasks, Plattenfehler oder einen Absturz. Prüfe sein Log. Hält das an, leere den Node.',
    'node-hardware': 'Der Node meldet Fehler von RAM oder GPU. Leere den Node (Drain) und prüfe seine Hardware.',
    'node-limits':
      'Dem Node fehlen Datei-Handles oder Verbindungen, oder seine Uhr ist nicht synchron. Prüfe die Meldung.',
    'kubelet-failing': 'Das Kubelet startet nicht oder startet immer wieder neu. Prüfe sein Log auf dem Node.',
    'dns-limits': 'Der Node nennt mehr als 3 Nameserver, Pods nutzen aber nur die ersten 3. Kürze seine Liste.',
    'dns-missing':
      'Das Kubelet kennt keine DNS-Adresse des Clusters, daher finden Pods keine Services. Setze clusterDNS.',
    preempted:
      'Ein Pod mit höherer Priorität nahm seinen Platz ein. Füge einen Node hinzu, oder erhöhe seine Priorität.',
    'system-oom': 'Dem Node selbst ging der RAM aus: Die Limits übersteigen seinen RAM. Prüfe seine größten Pods.',
    'node-not-ready':
      'Das Kubelet meldet sich nicht oder meldet ein Problem. Nach 5 Minuten ziehen die Pods um. Prüfe Maschine und Netz.',
    'pod-on-bad-node': 'Der Pod ist nicht das Problem: Sein Node ist nicht bereit, daher kein Traffic. Prüfe den Node.',
    machine:
      'Die Cloud kann die Maschine nicht anlegen. Prüfe Quota, Maschinentyp und Zugangsdaten; mehr sagt die Meldung.',
    'job-backoff': 'Die Pods scheiterten öfter, als backoffLimit erlaubt; es gibt keinen neuen Versuch. Prüfe ihr Log.',
    'job-deadline':
      'Der Job lief länger als activeDeadlineSeconds und wurde gestoppt. Er war langsam, hing oder bekam keinen Node.',
    'cron-missed':
      'Der Job startete nicht rechtzeitig: Der Controller war ausgefallen, oder startingDeadlineSeconds ist zu kurz.',
    'operator-degraded':
      'Ein Cluster-Operator erreicht sein Ziel nicht. Die Conditions in seinem Status nennen den gestörten Teil.',
    'operator-installer':
      'Der Operator kann keine neue Revision installieren. Prüfe seine Installer-Pods und die fehlenden Ressourcen.',
    'operator-apply':
      'Der Operator kann ein Objekt nicht anlegen oder ändern und versucht es erneut. Die Meldung nennt den Grund.',
    'target-refused': 'Prüfe, ob es den Chat gibt, und ob der Bot dort Mitglied ist und schreiben darf.',
    'not-delivered': 'Prüfe das Ziel in der Konfiguration, und ob der Bot in seinem Chat schreiben darf.',
    'no-events':
      'Prüfe Pod und Log von kube-eventer, das Topic und den Consumer-Lag. Kafka 4 lehnt ein ungepatchtes kube-eventer ab.',
    'rules-refused': 'Korrigiere die Datei und lade sie neu hoch. Der Befehl check findet Fehler vor dem Hochladen.',
  },
  card: {
    over: 'Dieser Vorfall ist vorbei.',
    continued: '↓ weiter in einer neueren Nachricht',
    suppressedByRule: 'jetzt unterdrückt durch Regel',
    mutedBy: 'stumm durch',
    until: 'bis',
    possiblyRepeated: '↻ möglicherweise doppelt',
    late: (duration) => `⏱ ${duration} verspätet zugestellt`,
    combined: 'Die neueste von vielen ähnlichen Meldungen:',
    thousandsSeparator: '.',
    cut: (characters) => `… (+${characters} Zeichen)`,
    timesAtLeast: (count) => `mindestens ${count}-mal`,
    eventTime: 'Event-Zeit',
    about: (count) => `etwa ${count}`,
    andMore: (count) => `und ${count} weitere`,
    pods: 'Pods',
    nodes: 'Nodes',
    object: 'Objekt',
    objects: 'Objekte',
    pod: 'Pod',
    node: 'Node',
    container: 'Container',
    on: 'auf',
    action: 'Aktion',
    related: 'bezogen auf',
    podsOf: 'Pods von',
  },
  ownEvents: {
    noEvents: (cluster, since, duration) => `Keine Events aus Cluster ${cluster} seit ${since} (${duration}).`,
    eventsAgain: (since, duration) => `Wieder Events seit ${since}, nach ${duration} ohne Events.`,
    notDelivered: (since) => `Nicht zugestellt seit ${since}. Die Zustellung wurde nach 24 Std. aufgegeben.`,
    rulesRefused: (version) => `Version ${version} hat Fehler. Die letzte richtige Version gilt weiter.`,
    rulesFixed: (version) => `Version ${version} gilt jetzt.`,
    suppressed: (count) => `${count} in 24 Std. unterdrückt`,
    mostly: 'meist',
  },
  scheduling: {
    noneOf: 'keiner von {nodes} Nodes passt',
    onlyOne: 'der einzige Node passt nicht',
    none: 'kein Node passt',
    noneNew: 'ein neuer Node würde nicht helfen',
    cpu: 'zu wenig CPU',
    memory: 'zu wenig RAM',
    storage: 'zu wenig Ephemeral Storage',
    resource: 'zu wenig {detail}',
    pods: 'am Pod-Limit',
    taint: 'mit Taint',
    cordoned: 'per Cordon gesperrt',
    'not-ready': 'nicht bereit',
    selector: 'ohne passende Labels',
    affinity: 'durch Pod-Affinity ausgeschlossen',
    'anti-affinity': 'durch Pod-Anti-Affinity ausgeschlossen',
    spread: 'durch Spread-Regeln ausgeschlossen',
    ports: 'mit belegtem Port',
    'volume-zone': 'in anderer Zone als das Volume',
    'volume-limit': 'am Volume-Limit',
    claim: 'ohne gebundenen PVC',
    'claim-missing': 'den PVC {detail} gibt es nicht',
  },
}
