import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { causes } from '../../../../lib/core/event/cause-table.ts'
import { shorten } from '../../../../lib/core/message/text/shorten.ts'
import { readRecording, recordingNames } from '../../../support/recordings.ts'

const uid = '8f14e45f-ceea-467f-a9e4-1a2b3c4d5e6f'
const id = '86c7edcf7b1566c929b022bcd9c5c4df7407f7c3b32efbd2bb53c479f5078d47'
const image = 'registry.example.com/shop/search:2.14.0'
const hub = 'docker.io/library/nginx:a'
const unknown = 'rpc error: code = Unknown desc = '
const notFound = 'rpc error: code = NotFound desc = '
const preemption = 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'

// ⏎ stands for a line end.
const examples = String.raw`
Pulling image "r.io/a@sha256:${id}"
→ Pulling image "r.io/a@sha256:86c7edcf7b15…"
Stopping container containerd://${id}
→ Stopping container containerd://86c7edcf7b15…
Back-off restarting failed container web in pod web-7d9f_shop(${uid})
→ Back-off restarting failed container web in pod web-7d9f_shop
restarting failed container=etcd pod=etcd-a_kube-system(f81eadfea0fab973c261cabe8a33fff2)
→ restarting failed container=etcd pod=etcd-a_kube-system
failed to create pod network sandbox k8s_web_shop_${uid}_0(${id}): error adding pod
→ failed to create pod network sandbox k8s_web_shop: error adding pod
cainjector-587cf46ff6-4nwbr_${uid} became leader
→ cainjector-587cf46ff6-4nwbr became leader
mount failed: exit status 32, /var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~csi/pvc-${uid}/mount: busy
→ mount failed: exit status 32, /var/lib/kubelet/pods/8f14e45f…/volumes/kubernetes.io~csi/pvc-${uid}/mount: busy
status code: 409. Opc request id: e6106b92306530a2c647796edbc8fe1e/1CAAFA30188F7879F2919173CFD8731E/DF5FC70E18F8238B96FD062E8DDCC66F
→ status code: 409. Opc request id: e6106b92…
Error: ${unknown}${unknown}Error response from daemon: no
→ Error: Error response from daemon: no
failed: rpc error: code = Internal desc = rpc error: code = Internal desc = no space left on device
→ failed: Internal: no space left on device
stop: rpc error: code = DeadlineExceeded desc = context deadline exceeded
→ stop: context deadline exceeded
failed to "KillContainer" for "a" with KillContainerError: "rpc error: code = NotFound desc = container \"${id}\": not found"
→ failed to "KillContainer" for "a" with KillContainerError: "container "86c7edcf7b15…": not found"
caused \\\"mounting \\\\\\\"/a\\\\\\\"\\\"
→ caused "mounting "/a""
secret "\"tls\"" not found
→ secret "tls" not found
Degraded changed to True ("A: no such host\nB: \"x\" not found\n\tC: 2 of 3\n")
→ Degraded changed to True ("A: no such host⏎B: "x" not found⏎C: 2 of 3")
Failed to pull image "${image}": ${notFound}failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found
→ Failed to pull image "${image}": failed to resolve reference: not found
Back-off pulling image "nginx:a": ErrImagePull: ${notFound}failed to pull and unpack image "${hub}": failed to resolve reference "${hub}": ${hub}: not found
→ Back-off pulling image "nginx:a": ErrImagePull: failed to resolve reference: not found
Failed to pull image "a/b:1": ${unknown}failed to pull and unpack image "m.io/a/b:1": failed to resolve reference "m.io/a/b:1": unexpected status: 401 Unauthorized
→ Failed to pull image "a/b:1": failed to pull and unpack image "m.io/a/b:1": failed to resolve reference: unexpected status: 401 Unauthorized
Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "wge": executable file not found in $PATH: unknown
→ Error: unable to start container process: exec: "wge": executable file not found in $PATH
OCI runtime create failed: container_linux.go:349: starting container process caused "process_linux.go:449: container init caused \"no\""
→ OCI runtime create failed: starting container process caused "container init caused "no""
Readiness probe failed: Get "http://10.0.0.32:8080/ready": dial tcp 10.0.0.32:8080: connect: connection refused
→ Readiness probe failed: Get "http://10.0.0.32:8080/ready": connect: connection refused
0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, ${preemption}
→ 0/3 nodes are available: 3 Insufficient cpu.
endpoints "dns": the object has been modified; please apply your changes to the latest version and try again
→ endpoints "dns": the object has been modified
unmounted volumes=[a b], unattached volumes=[a b], failed to process volumes=[]: timed out waiting for the condition
→ unmounted volumes=[a b]: timed out waiting for the condition
Successfully pulled image "a" in 660ms (660ms including waiting). Image size: 5 bytes.
→ Successfully pulled image "a" in 660ms. Image size: 5 bytes.
a    b⏎  c
→ a b⏎  c
`

const pairs = [...examples.matchAll(/^(.+)\n→ (.+)$/gm)].map(([, before = '', after = '']) => [before, after])

test.each(pairs)('%s', (before, after) => {
  expect(shorten(before.replaceAll('⏎', '\n'))).toBe(after.replaceAll('⏎', '\n'))
})

test.each([
  ['(combined from similar events): Error creating: pods "a" is forbidden: exceeded quota: compute'],
  ['failed to create volume pvc-fa1d3866-0843-4271-94a5-4ee33885f59d: create process timeout'],
  ['cannot open C:\\new\\temp\\"x"'],
  ['{"path":"C:\\\\temp\\\\new","x":"\\"y\\""}'],
  ['\\\\.\\pipe\\containerd-containerd: not found'],
  ['user CORP\\nina and CORP\\tom'],
  ['string(`//127\\.0\\.0\\.1(:|$)`), \\d'],
  ['Get "https://a.example.com/v2/": dial tcp 192.0.2.7:443: i/o timeout'],
  ['0/3 nodes are available. preemption: not eligible due to preemptionPolicy=Never.'],
  ['unmounted volumes=[a], unattached volumes=[a b]: timed out'],
  ['pulled image "a" in 1s (5s including waiting)'],
  ['pulled image "a": reference "b": c: no'],
  ['Error: unknown'],
  ['rpc error: code = Unknown desc = '],
  [''],
])('left alone: %s', (message) => {
  expect(shorten(message)).toBe(message)
})

const fragments = String.raw`a|x: | |"|\|\n|\"|"\"|\""|…|_|/|n|: unknown|C:\|code = |${unknown}|${notFound}|rpc |error: |rpc error: code = |not found|
Unknown desc = |${id}|${uid}|_${uid}|(${uid})|a_b(${uid})|_${uid}_0(${id})|request id: | became leader|/${uid}/|image "a"|image "|: a: |
failed to pull and unpack image "a"|: failed to resolve reference "a"|reference "|runc create failed: |unable to start container process: |
container_linux.go:1: |://a:1/b": |dial tcp a:1: | ${preemption}| no new claims to deallocate,|unmounted volumes=[a]|, unattached volumes=[a]|
 in 1s| (1s including waiting)|map[string]interface{}|[]interface{}|{|; please apply your changes to the latest version and try again`
const parts = [...fragments.split(/\|\n?/), '\n', '\ud83d']
const noisy = fc.array(fc.constantFrom(...parts), { maxLength: 25 }).map((some) => some.join(''))

it('changes nothing more the second time, adds nothing, and leaves something', () => {
  fc.assert(
    fc.property(fc.oneof(noisy, fc.string({ unit: 'binary', maxLength: 200 })), (message) => {
      const shortened = shorten(message)
      expect(shorten(shortened)).toBe(shortened)
      expect(shortened.length).toBeLessThanOrEqual(message.length)
      expect(shortened === '').toBe(message === '')
    }),
    { numRuns: 5_000 },
  )
})

it('leaves the text between', () => {
  fc.assert(
    fc.property(noisy, noisy, (before, after) => {
      const cause = 'connection refused by 401 Unauthorized, exit code 137'
      expect(shorten(`${before} ${cause} ${after}`)).toContain(cause)
    }),
    { numRuns: 2_000 },
  )
})

test.each([...parts, 'unmounted volumes=[a', '\\\\\\\\n', '://a', 'image "a": a: ', '/8f14e45f-', ' in 1111'])(
  'a megabyte of %j takes little longer than any other',
  (part) => {
    const text = part.repeat(2 ** 20 / part.length)
    const withAll = `${parts.filter((other) => !other.includes('C:')).join(' ')} ${text} ${id}`
    const start = performance.now()
    shorten(withAll)
    expect(performance.now() - start).toBeLessThan(2_000)
  },
)

const corpus = process.env.CORPUS
const files = ['real-events.jsonl', 'awkward-cases.jsonl'].map((name) => `${corpus}/${name}`)
const hasCorpus = corpus !== undefined && files.every((file) => existsSync(file))

/** Words that causes and hints are recognised by. */
const telling =
  /not found|unauthorized|denied|refused|timed? ?out|deadline|exceeded|forbidden|already exists|exit code|exit status|no such|OOM|Insufficient|Back-off|unhealthy|statuscode|invalid|\b[1-5]\d\d\b/gi

function told(message: string): Set<string> {
  return new Set(message.match(telling)?.map((word) => word.toLowerCase()))
}

function expectShortened(messages: string[]) {
  const pairs = [...new Set(messages)].map((message) => [message, shorten(message)] as const)
  for (const [message, shortened] of pairs) {
    expect(shorten(shortened)).toBe(shortened)
    expect(/^\w[a-z]*/.exec(shortened)?.[0]).toBe(/^\w[a-z]*/.exec(message)?.[0])
    expect(causesIn(shortened)).toEqual(causesIn(message))
    expect([...told(message)].filter((word) => !told(shortened).has(word) && !isInId(message, word))).toEqual([])
  }
  return pairs
}

/** The rows of the table of causes that match the text. */
function causesIn(message: string): unknown[] {
  return causes.filter((row) => row.message?.test(message)).map(({ message: pattern, reasons }) => [reasons, pattern])
}

/** Three digits may be a part of an identifier. */
function isInId(message: string, word: string): boolean {
  return /^\d+$/.test(word) && !new RegExp(`(?<![-_/(])\\b${word}\\b(?![-_/)])`).test(message)
}

test.each(recordingNames())('recording %s: no cause is lost', (name) => {
  expectShortened(readRecording(name).map(({ value }) => JSON.parse(JSON.parse(value ?? '').EventValue).message ?? ''))
})

it.runIf(hasCorpus)('real events lose most noise, and no cause', () => {
  const events = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
  const pairs = expectShortened(
    events.map((line) => JSON.parse(line).event.message).filter((message) => typeof message === 'string'),
  )
  const share = (reasons: RegExp) => {
    const some = pairs.filter(([message]) => reasons.test(message))
    const sum = (side: 0 | 1) => some.reduce((total, pair) => total + pair[side].length, 0)
    return 1 - sum(1) / sum(0)
  }
  expect(share(/./s)).toBeGreaterThan(0.04)
  expect(share(/^Failed to pull image/)).toBeGreaterThan(0.3)
  expect(share(/^Back-off restarting/)).toBeGreaterThan(0.2)
  expect(share(/became leader$/)).toBeGreaterThan(0.3)
  expect(pairs.filter(([message, shortened]) => message === shortened).length).toBeGreaterThan(pairs.length / 2)
})
