import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { toEvent } from '../../../../lib/core/event/event.ts'
import { maskSecrets, secrets } from '../../../../lib/core/message/text/mask.ts'

const jwt = `${'eyJhbGciOiJIUzI1NiJ9'}.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P`
const hex = '0123456789abcdef0123456789abcdef01234567'
const letters = 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3dEf6'

/** By row of the table: a text, and its masked form. */
const examples: Record<string, [text: string, shown: string][]> = {
  'private key (PEM)': [
    [
      `stderr: -----BEGIN RSA PRIVATE KEY-----\nMIIEow+/=\nabc\n-----END RSA PRIVATE KEY----- and more`,
      'stderr: -----BEGIN RSA PRIVATE KEY-----<secret> and more',
    ],
    ['-----BEGIN PRIVATE KEY-----\\nMIIEow\\n', '-----BEGIN PRIVATE KEY-----<secret>'],
  ],
  'password in a URL': [
    ['dial postgres://app:hunter2@db:5432/shop: refused', 'dial postgres://app:<secret>@db:5432/shop: refused'],
    ['amqp://:s3cret@mq', 'amqp://:<secret>@mq'],
    ['postgres://app:p@ssw0rd@db/shop', 'postgres://app:<secret>@db/shop'],
  ],
  'token as user in a URL': [
    [`git clone https://${hex}@git.example.com/a.git`, 'git clone https://<secret>@git.example.com/a.git'],
  ],
  'Authorization header': [
    ['header "Authorization: Basic YXBwOmh1bnRlcjI="', 'header "Authorization: Basic <secret>"'],
    ['{"authorization":"Bearer abc.def"}', '{"authorization":"Bearer <secret>"}'],
    ['{"Authorization":["Bearer abc123def"]}', '{"Authorization":["Bearer <secret>"]}'],
    ['Authorization: ApiKey abcdef', 'Authorization: ApiKey <secret>'],
    ['Authorization: 0123456789abcdef', 'Authorization: <secret>'],
  ],
  'bearer token': [[`curl -H 'Bearer ${letters}'`, "curl -H 'Bearer <secret>'"]],
  'JSON Web Token': [[`token review of ${jwt} failed`, 'token review of <secret> failed']],
  'AWS access key id': [[`key ${'AKIA'}IOSFODNN7EXAMPLE is disabled`, 'key <secret> is disabled']],
  'token by its prefix (GitHub, GitLab, Slack, Google, Stripe, npm, Docker, Vault)': [
    [`remote: ${'ghp_'}${letters.slice(0, 36)}.`, 'remote: <secret>.'],
    [`${'github_pat_'}${letters}`, '<secret>'],
    [`${'glpat-'}${letters.slice(0, 20)}!`, '<secret>!'],
    [`${'xoxb-'}123456789012-abcdef`, '<secret>'],
    [`${'AIza'}${letters.slice(0, 35)}`, '<secret>'],
    [`${'sk_live_'}${letters}`, '<secret>'],
    [`${'npm_'}${letters.slice(0, 36)}`, '<secret>'],
    [`${'dckr_pat_'}${letters}`, '<secret>'],
    [`${'hvs.'}${letters}`, '<secret>'],
  ],
  'signature or key in a URL': [
    [
      'GET https://s3/x?X-Amz-Credential=abcdefgh12&X-Amz-Signature=0a1b2c3d4e: 403',
      'GET https://s3/x?X-Amz-Credential=<secret>&X-Amz-Signature=<secret> 403',
    ],
    ['https://maps/api?key=abcdefghijkl', 'https://maps/api?key=<secret>'],
  ],
  'key=value': [
    ['exec: mysql --password=hunter2 -h db', 'exec: mysql --password=<secret> -h db'],
    ['AccountName=a;AccountKey=abc/d==;EndpointSuffix=x', 'AccountName=a;AccountKey=<secret>;EndpointSuffix=x'],
    ['https://a/b?token=a&b123456', 'https://a/b?token=<secret>'],
    ['https://a/b?token=a1&page=2', 'https://a/b?token=<secret>&page=2'],
    ['PASSWORD = hunter2x', 'PASSWORD = <secret>'],
    ['password=ab,cd123(x) end', 'password=<secret> end'],
    ['env DB_PASSWORD="hunter2", A=1', 'env DB_PASSWORD="<secret>", A=1'],
    ['{"cmd":"PGPASSWD=\\"hunter2\\" psql"}', '{"cmd":"PGPASSWD=\\"<secret>\\" psql"}'],
  ],
  '"key": "value"': [
    ['{"db":{"password": "hunter2","port":1}}', '{"db":{"password": "<secret>","port":1}}'],
    ['{"password":"abcd\\"efgh1234"}', '{"password":"<secret>"}'],
  ],
  '"key": "value" in JSON or single quotes': [
    ['{\\"client_secret\\":\\"hunter2\\"}', '{\\"client_secret\\":\\"<secret>\\"}'],
    ["{'password': 'hunter2'}", "{'password': '<secret>'}"],
  ],
  '--flag value': [['argocd login --auth-token Abc123def', 'argocd login --auth-token <secret>']],
  'key: value': [
    ['config: password: hunter2', 'config: password: <secret>'],
    ['aws_secret_access_key: wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key: <secret>'],
    ['MYSQL_ROOT_PASSWORD: "hunter"', 'MYSQL_ROOT_PASSWORD: "<secret>"'],
    ['Password:hunter2', 'Password:<secret>'],
    ['token: abc123def456', 'token: <secret>'],
  ],
}

describe('the table', () => {
  it('has an example for each row', () => {
    expect(Object.keys(examples)).toEqual(secrets.map(({ name }) => name))
  })

  test.each(Object.entries(examples).flatMap(([name, texts]) => texts.map(([text, shown]) => ({ name, text, shown }))))(
    'masks a $name: $text',
    ({ name, text, shown }) => {
      expect(maskSecrets(text)).toBe(shown)
      // This row masks it, so that every row is needed.
      const { pattern } = secrets.find((row) => row.name === name) ?? {}
      expect(text.search(pattern ?? /$^/)).toBeGreaterThanOrEqual(0)
    },
  )

  it.each(Object.values(examples).flat())('leaves a masked text as it is: %s', (text) => {
    const shown = maskSecrets(text)
    expect(maskSecrets(shown)).toBe(shown)
  })

  it.each(Object.values(examples).flat())('finds it in JSON, once and twice encoded: %s', (text) => {
    for (const json of [JSON.stringify({ text }), JSON.stringify(JSON.stringify({ text }))]) {
      const masked = maskSecrets(json)
      expect(masked).not.toBe(json)
      expect(() => JSON.parse(masked)).not.toThrow()
    }
  })
})

test.each([
  'MountVolume.SetUp failed for volume "db-password": secret "db-password" not found',
  'Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.',
  'Failed to pull image "registry.example.com/team/token-service@sha256:86c7edcf7b1566c929b022bcd9c5c4df": not found',
  'failed to fetch token: serviceaccounts "default" not found',
  'password rotation finished, token refreshed, credentials valid',
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope',
  'error: Basic authorization failed; bearer authentication is not configured',
  'key: value pairs, password: required',
  '0/5 nodes are available: 3 node(s) had taint {key: value}',
  'secret="shop/app-tls" not found',
  '{"imagePullSecret": "regcred"}',
  'cannot start in pwd=/home/app',
  'failed to fetch token: context deadline exceeded',
  'invalid password: must not be empty',
  'user@example.com asked for https://example.com/a@b',
])('leaves as it is: %s', (text) => {
  expect(maskSecrets(text)).toBe(text)
})

// A temporary token of AWS has more than 1,000 characters, an access token of Google in a URL more than 200.
test.each([
  ['key=value', 'AWS_SESSION_TOKEN=', ' end'],
  ['"key": "value"', '{"session_token":"', '"}'],
  ['"key": "value", encoded twice', '{\\"session_token\\":\\"', '\\"}'],
  ['key: value', 'x-amz-security-token: ', ' end'],
  ['--flag value', '--session-token ', ' end'],
  ['Authorization header', 'Authorization: Bearer ', ' end'],
  ['bearer token', 'bearer ', ' end'],
  ['password in a URL', 'https://oauth2accesstoken:', '@eu.gcr.io'],
  ['token as user in a URL', 'https://', '@eu.gcr.io'],
])('masks all of a long value: %s', (_, before, after) => {
  for (const length of [300, 1_500, 2_000])
    expect(maskSecrets(`${before}${'Z7Q'.repeat(length / 3)}${after}`)).toBe(`${before}<secret>${after}`)
})

const corpus = `${process.env.CORPUS}/real-events.jsonl`

it.runIf(existsSync(corpus))('masks nothing in the messages of real events from public clusters', () => {
  const messages = readFileSync(corpus, 'utf8')
    .trim()
    .split('\n')
    .map((line) => toEvent(JSON.parse(line).event)?.message ?? '')
  expect(messages.length).toBeGreaterThan(5_000)
  expect(messages.filter((message) => maskSecrets(message) !== message)).toEqual([])
})

test.each([
  ...[...secrets.map(({ name }) => examples[name]?.[0]?.[0] ?? ''), '://', '://a', ':', '=', '"', "'", '\\', '@', '--'],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    'eyJ-',
    'eyJaaaaaaaa',
    'password',
    'password=',
    '"password":"',
    'bearer ',
    '1',
    '12345:',
  ],
  ...['authorization: ', '--token ', '?key=', '&sig=a', 'ghp_', 'xoxb-', 'a', ' ', '\n'],
  ...[
    'token: 1',
    'token:1',
    '--token A',
    '--tokenA',
    '"token\\"',
    '"token":"\\',
    `://a:${'b'.repeat(2_100)}`,
    `://${'b'.repeat(2_100)}`,
  ],
])('a megabyte of %j takes little longer than any other', (unit) => {
  const text = unit.repeat(2 ** 20 / unit.length)
  const start = performance.now()
  maskSecrets(text)
  expect(performance.now() - start).toBeLessThan(1_000)
})
