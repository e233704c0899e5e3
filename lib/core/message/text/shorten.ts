/**
 * Removes noise from a message: wrappers of errors, full identifiers, escapes, repetitions. What failed and why stay, with the names of images,
 * volumes, pods and nodes. Takes time linear in the length of any text.
 */
export function shorten(message: string): string {
  let shortened = message
  // Again after each change, because its ends may now match; not for ever, because a forged text can nest them.
  for (let round = 0; round < 8; round += 1) {
    const before = shortened
    shortened = withoutNoise(before)
    if (shortened === before) break
  }
  return shortened.trim() === '' ? message : shortened
}

/** A string in every text that the row applies to; undefined if it applies to identifiers. */
type Sign = string | undefined
type Replacement = string | ((match: string, ...groups: string[]) => string)
type Row = [name: string, sign: Sign, pattern: RegExp, replacement: Replacement]

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
// A static pod's is a hash (kubelet, pkg/kubelet/config/common.go).
const uid = `(?:${uuid}|[0-9a-f]{32})`
const runtime = 'unable to start container process'
const stages = 'failed to create (?:containerd task|task for container|shim task)|(?:OCI runtime|runc) create failed'
const useless = '\\d{1,6} (?:No preemption victims found for incoming pod|Preemption is not helpful for scheduling)'

const backslash = '\\'

/** Undoes Go's quoting, which each wrapper doubles. Not in texts with a Windows path. */
const escapes = from('strconv.Quote', [
  ['quoted twice', backslash, /"\\{1,8}"([^"\\\n]{1,300})\\{1,8}""/g, '"$1"'],
  ['last line end', backslash, /(?<!\\)(?:\\{1,8}[nrt]){1,3}(?=\\{0,8}"(?![\w\\]))/g, ''],
  [
    'line end',
    backslash,
    // Between words only if no lower-case letter follows: `DOMAIN\name` may be a user. A run is replaced as a whole or not at all.
    /\\(?<![\\\w]\\)\\{0,7}(?:[nrt]|u00a0)(?:\\{1,8}(?:[nrt]|u00a0)){0,98}|\\(?<!\\\\)(?=(\\{0,7}(?:[nrt]|u00a0)(?:\\{1,8}(?:[nrt]|u00a0)){0,98}))\1(?![a-z])/g,
    (run) => (run.includes('n') ? '\n' : ' '),
  ],
  ['quote', backslash, /(?<!\\)\\{1,8}"/g, '"'],
])
const windowsPath = /(?<![A-Za-z])[A-Za-z]:\\{1,4}(?![\\"])|\\\\[.?]\\|\\(?:var|Program|Windows)/

/** The order matters: each row relies on the ones before it. No row has an unbounded repetition that could be tried again and again. */
const rows = [
  ...from('cri-o and dockershim: k8s_<pod>_<namespace>_<uid>_<attempt>, and the ID', [
    ['sandbox', undefined, new RegExp(`_${uid}_\\d{1,4}(?:\\([0-9a-f]{64}\\))?`, 'g'), ''],
  ]),
  ...from('kubelet, pkg/kubelet/util/format/pod.go, and /var/lib/kubelet/pods/<uid>', [
    ['pod', undefined, new RegExp(`\\((?<=_[a-z0-9-]{1,63}\\()${uid}\\)`, 'g'), ''],
    ['path', undefined, new RegExp(`/(?=${uid}[/"])([0-9a-f]{8})[0-9a-f-]{24,28}`, 'g'), '/$1…'],
  ]),
  ...from('client-go, tools/leaderelection, and the identities that controllers take', [
    ['leader', undefined, new RegExp(`_${uuid}(?= (?:became leader|stopped leading))`, 'g'), ''],
  ]),
  ...from('OCI image and runtime specifications', [
    ['container, digest', undefined, /(?<![0-9A-Za-z])([0-9a-f]{12})[0-9a-f]{52}(?![0-9A-Za-z])/g, '$1…'],
  ]),
  ...from("Oracle's, Amazon's and Azure's cloud controllers", [
    ['request', undefined, /(request ?id: ?"?[0-9a-f]{8})[0-9a-f/-]{24,100}/gi, '$1…'],
  ]),
  ...from('grpc-go, internal/status, Error', [
    [
      'envelope',
      'rpc error: ',
      /rpc error: code = (\w{1,30}) desc = (?=(.{0,1000}))/gs,
      (_, code = '', said = '') => (isSaid(code, said) ? '' : `${code}: `),
    ],
  ]),
  ...from('containerd and runc', [
    ['stages', runtime, new RegExp(`(?:(?:${stages}): ){1,6}(?=${runtime}: )`, 'g'), ''],
    ['no code', runtime, new RegExp(`: unknown(?=["\\n]|$)(?<=${runtime}: [^\\n]{1,600})`, 'g'), ''],
    ['line', '_linux.go:', /\b(?:container|process|rootfs|standard_init)_linux\.go:\d{1,5}: /g, ''],
  ]),
  ...from('Go, net/http over net.OpError: the address stands in the URL', [
    ['address', 'dial tcp', /(:\/\/([\w.[\]:-]{3,80})(?:\/[^"\s]{0,120})?"?: )dial tcp \2: /g, '$1'],
  ]),
  ...from('kube-scheduler, framework/preemption: preemption does not help', [
    [
      'preemption',
      'preemption: 0/',
      new RegExp(
        `(?: no new claims to deallocate,)? preemption: 0/\\d{1,6} nodes are available: ${useless}(?:, ${useless})?\\.{0,2}`,
        'g',
      ),
      '',
    ],
  ]),
  ...from('apiserver, registry/generic/registry/store.go, OptimisticLockErrorMsg', [
    ['advice', '; please apply', /; please apply your changes to the latest version and try again/g, ''],
  ]),
  ...from("OpenShift's kubelet: an answer without a body", [['body', 'body:', /\n?\bbody:\s{0,20}$/, '']]),
  ...from('kubelet, pkg/kubelet/volumemanager: none, or the same', [
    ['volumes', 'volumes=[]', /, (?:unattached|failed to process) volumes=\[\]/g, ''],
    ['volumes', 'unattached', /(unmounted volumes=\[([^\]]{1,500})\]), unattached volumes=\[\2\]/g, '$1'],
  ]),
  ...from('kubelet, pkg/kubelet/images/image_manager.go: the same time', [
    ['waiting', 'including waiting', / in ([\d.hmnsµ]{2,20}) \(\1 including waiting\)/g, ' in $1'],
  ]),
  ...from('go-cmp and %#v', [['types', 'interface', /(?:map\[string\]|\[\])interface ?\{\}(?=\{)/g, '']]),
  ...from('columns; at the beginning of a line they are meant', [['spaces', '  ', /(?<=\S) {2,}/g, ' ']]),
]

/** Phrases that containerd and the kubelet repeat about an image `X` after they have named it (containerd, client/pull.go, core/remotes/docker). */
const unpacking = ': failed to pull and unpack image "X"'
const repeats: [said: string, instead: string][] = [
  [unpacking, ''],
  [' reference "X"', ' reference'],
  [': X: ', ': '],
]

const all = [...escapes, ...rows]
const signs = new Set(rows.flatMap(({ sign }) => sign ?? []).concat(unpacking.slice(2, -3)))
const anySign = new RegExp([...signs].map((sign) => sign.replace(/[[\]]/g, '\\$&')).join('|'), 'g')

function withoutNoise(text: string): string {
  const hasId = hasLongId(text)
  const isQuoted = text.includes(backslash) && !windowsPath.test(text)
  const found = text.match(anySign)
  if (!found && !hasId && !isQuoted) return text
  const present = new Set<Sign>(found)
  if (hasId) present.add(undefined)
  if (isQuoted) present.add(backslash)
  let left = text
  for (const { sign, pattern, replacement } of isQuoted ? all : rows) {
    if (!present.has(sign)) continue
    // One call for each overload of replace.
    left = typeof replacement === 'string' ? left.replace(pattern, replacement) : left.replace(pattern, replacement)
  }
  return withoutRepeats(left)
}

const namedImage = /\bimage "([^"\s]{1,300})"/

function withoutRepeats(text: string): string {
  const first = namedImage.exec(text)
  if (!first?.[1]) return text
  const end = first.index + first[0].length
  const again = namedImage.exec(text.slice(end))?.[1]
  let rest = text.slice(end)
  for (const image of new Set([first[1], again ?? first[1]])) {
    for (const [said, instead] of repeats) {
      // Another image stays where it is named.
      if (said === unpacking && plainName(image) !== plainName(first[1])) continue
      rest = rest.replaceAll(
        said.replace('X', () => image),
        instead,
      )
    }
  }
  return text.slice(0, end) + rest
}

/** An image's name as people write it: containerd adds the default registry and tag (distribution/reference). */
function plainName(image: string): string {
  return image.replace(/^docker\.io\/(?:library\/)?|:latest$/g, '')
}

/** True if a gRPC code (codes.go) adds nothing to the text after it. */
function isSaid(code: string, text: string): boolean {
  if (code === 'Unknown' || code === '2' || text.includes(`code = ${code} `)) return true
  return text.toLowerCase().includes(code.replace(/\B[A-Z]/g, ' $&').toLowerCase())
}

const shortestId = 32

/** True if the text has a run as long as a UUID or hash. A run of that length covers one of the places that are looked at. */
function hasLongId(text: string): boolean {
  for (let place = shortestId - 1; place < text.length; place += shortestId) {
    let start = place
    while (start > place - shortestId && isOfId(text.charCodeAt(start))) start -= 1
    let end = place + 1
    while (end - start <= shortestId && isOfId(text.charCodeAt(end))) end += 1
    if (end - start > shortestId) return true
  }
  return false
}

function isOfId(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x61 && unit <= 0x66) || unit === 0x2d
}

function from(source: string, given: Row[]) {
  return given.map(([name, sign, pattern, replacement]) => ({ name, source, sign, pattern, replacement }))
}
