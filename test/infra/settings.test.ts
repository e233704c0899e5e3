import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../infra/aws/settings/read.ts'

const folder = 'infra/examples/settings/'
const now = Date.parse('2026-11-28T12:00:00Z')
const cluster = 'arn:aws:kafka:eu-central-1:123456789012:cluster/events/12345678-1234-1234-1234-123456789012-1'
const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:brokers-AbCdEf'
const key = 'arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012'

// Not a real one.
const token = `123456789:${'AAE'.repeat(12)}`

interface Setup {
  stage?: string
  region?: string | undefined
  shellRegion?: string
  parameters?: string[]
}

function read(text: string | undefined, setup: Setup = {}) {
  const given = { stage: 'prod', region: 'eu-central-1', parameters: [], ...setup }
  return readSettings({ text, fileName: 'settings.yml', now, ...given })
}

/** settings.yml with one source and any other settings. */
function settingsFile(source: object, others: object = {}, environment: object = { TELEGRAM_CHAT_ID: -1001 }) {
  return JSON.stringify({ default: { sources: [source], environment, ...others } })
}

const msk = { type: 'msk', clusterArn: cluster, login: 'iam', topics: ['kube-events'] }
const ofOwn = { type: 'self-managed', bootstrapServers: ['a:9092'], login: 'none', topics: ['kube-events'] }
const network = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] }

function several(...sources: object[]): string[] {
  return withoutPlace(read(JSON.stringify({ default: { sources, environment: { TELEGRAM_CHAT_ID: 1 } } })).problems)
}

/** Brokers with many topics each. */
function ofMany(sourceCount: number, topicCount: number, others: object = {}): string[] {
  const topics = Array.from({ length: topicCount }, (_, at) => `t${at}`)
  const sources = Array.from({ length: sourceCount }, (_, at) => ({
    ...ofOwn,
    ...network,
    name: `s${at}`,
    bootstrapServers: [`b${at}:9092`],
    topics,
  }))
  return problems({}, { sources, ...others })
}

/** The problems without the place in front, which is on line 1 of a file in JSON. */
function problems(source: object, others?: object, environment?: object, setup?: Setup): string[] {
  return withoutPlace(read(settingsFile(source, others, environment), setup).problems)
}

function withoutPlace(found: string[]): string[] {
  return found.map((text) => text.replace(/^settings\.yml, (?:line \d+, )?/, ''))
}

describe('the examples', () => {
  for (const file of readdirSync(folder))
    it(`${file} has no problem, in any stage`, () => {
      const text = readFileSync(folder + file, 'utf8')
      for (const stage of ['prod', 'dev', 'a-stage-whose-name-has-forty-characters-x'.slice(0, 40)])
        expect(read(text, { stage }).problems).toEqual([])
    })
})

describe('defaults and sections', () => {
  it('names carry the stage, and a section of the stage wins over default', () => {
    const text = `
default:
  sources: [${JSON.stringify(msk)}]
  environment: { TELEGRAM_CHAT_ID: -1001, TZ: Europe/Berlin }
  batchSize: 50
dev:
  batchSize: 10
`
    const { settings, problems } = read(text, { stage: 'dev' })
    expect(problems).toEqual([])
    expect(settings).toMatchObject({
      batchSize: 10,
      consumerGroup: 'kube-eventer-telegram-lambda-dev',
      tokenParameter: '/kube-eventer-telegram/dev/bot-token',
      startingPosition: 'first-deployment',
      delivery: 'provisioned',
      environment: { TELEGRAM_CHAT_ID: '-1001', TZ: 'Europe/Berlin' },
    })
    expect(read(text).settings.batchSize).toBe(50)
  })
  it('a section adds to the environment and the tags of default', () => {
    const text = `
default:
  sources: [${JSON.stringify(msk)}]
  environment: { TELEGRAM_CHAT_ID: -1001, TZ: Europe/Berlin, LOG_LEVEL: debug }
  tags: { team: platform, stage: any }
prod:
  environment:
    TELEGRAM_CHAT_ID: -1002
    LOG_LEVEL:
  tags: { stage: prod }
`
    const { settings, problems } = read(text)
    expect(problems).toEqual([])
    expect(settings.environment).toEqual({ TELEGRAM_CHAT_ID: '-1002', TZ: 'Europe/Berlin' })
    expect(settings.tags).toEqual({ team: 'platform', stage: 'prod' })
  })
  it('a stage without a section, beside stages that have one, is told', () => {
    const text = `${settingsFile(msk).slice(0, -1)}, "prod": { "batchSize": 5 } }`
    expect(read(text).notes).toEqual([])
    expect(read(settingsFile(msk), { stage: 'prd' }).notes).toEqual([])
    expect(read(text, { stage: 'prd' }).notes).toEqual([
      'settings.yml has no section "prd", so only the section default applies. Other sections: prod',
    ])
  })
  describe('the region', () => {
    const free = { ...ofOwn, ...network }
    const regionOf = (source: object, others: object, setup: Setup) =>
      read(settingsFile(source, others), { region: undefined, ...setup }).settings.region
    const set = { region: 'eu-west-1' }
    it('comes from the command line first', () =>
      expect(regionOf(free, set, { region: 'eu-north-1', shellRegion: 'us-east-1' })).toBe('eu-north-1'))
    it('then from the settings', () => {
      expect(regionOf(free, set, { shellRegion: 'us-east-1' })).toBe('eu-west-1')
      expect(read(settingsFile(free, set), { region: undefined, shellRegion: 'us-east-1' }).notes).toEqual([
        'The region is eu-west-1, as settings.yml says, and not us-east-1 as in this shell',
      ])
    })
    it('then from the shell', () => expect(regionOf(free, {}, { shellRegion: 'us-east-1' })).toBe('us-east-1'))
    it('then from the ARNs', () => expect(regionOf(msk, {}, {})).toBe('eu-central-1'))
    it('and is never guessed', () =>
      expect(problems(free, {}, undefined, { region: undefined })).toEqual([
        'region: is missing; set it to the region of your brokers, or use --region',
      ]))
    it('must be one', () =>
      expect(problems(msk, { region: 'Frankfurt' })).toEqual([
        'region: must be a region like eu-central-1, not "Frankfurt"',
      ]))
  })
  it('the command line wins over the file', () => {
    const { settings, problems } = read(settingsFile(msk), {
      parameters: ['delivery=on-demand', 'batchSize=5', 'tags={ a: b }'],
    })
    expect(problems).toEqual([])
    expect(settings).toMatchObject({ delivery: 'on-demand', batchSize: 5, tags: { a: 'b' } })
  })
  it('a source is named after its cluster', () => {
    expect(read(settingsFile(msk)).settings.sources[0]?.name).toBe('events')
    expect(read(settingsFile({ ...ofOwn, ...network })).settings.sources[0]?.name).toBe('kafka')
  })
  it('a starting position may be a time', () => {
    const file = settingsFile(msk, { startingPosition: '2026-11-28T11:00:00Z' })
    expect(read(file).settings.startingPosition).toEqual({ atSeconds: Date.parse('2026-11-28T11:00:00Z') / 1_000 })
  })
  it('a token in Secrets Manager replaces the parameter', () => {
    const { settings } = read(settingsFile(msk, { tokenSecretArn: secret }))
    expect([settings.tokenSecretArn, settings.tokenParameter]).toEqual([secret, undefined])
  })
})

describe('problems have a place and say what to do', () => {
  it('names file, line and setting, all at once', () => {
    const text = `default:
  sources:
    - type: msk
      clusterArn: events
      login: ldap
      topics: []
  environment: { TZ: UTC }
  batchsize: 5
prod:
  delivery: sometimes
batchSize: 3
`
    expect(read(text).problems).toEqual([
      'settings.yml, line 11: batchSize must be in the section default, or in that of a stage',
      'settings.yml, line 8, batchsize: unknown setting; did you mean "batchSize"?',
      'settings.yml, line 10, delivery: must be provisioned or on-demand, not "sometimes"',
      'settings.yml, line 4, sources[0].clusterArn: must be an ARN like arn:aws:kafka:eu-central-1:123456789012:cluster/name/uuid, not "events"',
      'settings.yml, line 5, sources[0].login: must be iam, scram-sha-512, scram-sha-256, plain, mtls, oauth or none, not "ldap"',
      'settings.yml, line 6, sources[0].topics: must be a list of 1 to 50',
      'settings.yml, line 7, environment: TELEGRAM_CHAT_ID is missing',
    ])
  })
  it('a variable has the line of the section that sets it', () => {
    const text = `default:
  sources: [${JSON.stringify(msk)}]
  environment:
    TELEGRAM_CHAT_ID: -1001
    TZ: Berlin
prod:
  environment: { LOG_LEVEL: loud }
`
    expect(read(text).problems.map((problem) => problem.split(' must')[0])).toEqual([
      'settings.yml, line 7, environment.LOG_LEVEL:',
      'settings.yml, line 5, environment.TZ:',
    ])
  })
  it('checks the sections of other stages', () => {
    const text = `default:
  sources: [${JSON.stringify(msk)}]
  environment: { TELEGRAM_CHAT_ID: -1001 }
dev:
  batchsize: 5
  delivery: sometimes
  environment: { TELEGRAM_BOT_TOKEN: a }
`
    expect(read(text).problems).toEqual([
      'settings.yml, line 5, batchsize: unknown setting; did you mean "batchSize"?',
      'settings.yml, line 6, delivery: must be provisioned or on-demand, not "sometimes"',
      'settings.yml, line 7, environment.TELEGRAM_BOT_TOKEN: is reserved by Lambda or may be a secret, and the template is stored in S3',
    ])
  })
  it('without settings.yml it names the examples', () =>
    expect(read(undefined).problems).toEqual([
      'settings.yml is missing: copy one of infra/examples/settings to settings.yml and enter your values',
    ]))
  it('an empty file misses what is required', () =>
    expect(read('').problems).toEqual(['settings.yml: sources is missing', 'settings.yml: environment is missing']))
  it('a syntax error has its line', () =>
    expect(read('default:\n  a: [1\n').problems[0]).toMatch(/^settings\.yml, line [23]: /))
  it('a wrong setting of the command line is named as such', () =>
    expect(read(settingsFile(msk), { parameters: ['state=mysql', 'topic=kube-events'] }).problems).toEqual([
      '--param state: must be dynamodb or memory, not "mysql"',
      '--param topic: unknown setting; topics belongs to an entry of sources',
    ]))
})

type Case = [name: string, found: () => string[], said: string[]]

describe('what AWS refuses or ignores in combination is refused in words', () => {
  const scram = {
    ...msk,
    login: 'scram-sha-512',
    secretArn: secret.replace(':brokers', ':AmazonMSK_brokers'),
    secretKeyArn: key,
  }
  const cases: Case[] = [
    [
      'MSK without its ARN',
      () => problems({ ...msk, clusterArn: undefined }),
      ['sources[0]: clusterArn is missing; type: msk needs it'],
    ],
    [
      'brokers with MSK',
      () => problems({ ...msk, bootstrapServers: ['a:1'] }),
      ['sources[0].bootstrapServers: must not be set with type: msk'],
    ],
    [
      'SASL/PLAIN with MSK',
      () => problems({ ...msk, login: 'plain', secretArn: secret }),
      ['sources[0].login: must be iam, scram-sha-512, mtls, none with type: msk, not plain'],
    ],
    [
      'SCRAM-SHA-256 with MSK',
      () => problems({ ...msk, login: 'scram-sha-256', secretArn: secret }),
      ['sources[0].login: must be iam, scram-sha-512, mtls, none with type: msk, not scram-sha-256'],
    ],
    [
      'IAM with own brokers',
      () => problems({ ...ofOwn, ...network, login: 'iam' }),
      [
        'sources[0].login: must be plain, scram-sha-256, scram-sha-512, mtls, oauth, none with type: self-managed, not iam',
      ],
    ],
    [
      'MSK Serverless without IAM',
      () => problems({ ...msk, clusterArn: cluster.replace(/1$/, 's1'), login: 'mtls', secretArn: secret }),
      ['sources[0].login: must be iam, since events is MSK Serverless, not mtls'],
    ],
    [
      'mutual TLS with MSK needs no key of the customer',
      () => problems({ ...msk, login: 'mtls', secretArn: secret }),
      [],
    ],
    [
      'a login without its secret',
      () => problems({ ...msk, login: 'mtls' }),
      ['sources[0]: secretArn is missing; login: mtls needs it'],
    ],
    [
      'a secret without a login',
      () => problems({ ...msk, secretArn: secret }),
      ['sources[0].secretArn: must not be set with login: iam'],
    ],
    ['SCRAM with MSK', () => problems(scram), []],
    [
      'SCRAM with MSK without a key',
      () => problems({ ...scram, secretKeyArn: undefined }),
      ['sources[0]: secretKeyArn is missing; a SCRAM secret of MSK needs it'],
    ],
    [
      'SCRAM with MSK under another name',
      () => problems({ ...scram, secretArn: secret }),
      ['sources[0].secretArn: must be a secret whose name begins with AmazonMSK_, which MSK requires'],
    ],
    [
      'own brokers on the internet without a login',
      () => problems(ofOwn),
      ['sources[0].login: must not be none without subnets: over the internet AWS requires a login'],
    ],
    [
      'subnets without security groups',
      () => problems({ ...ofOwn, subnets: network.subnets }),
      ['sources[0]: subnets and securityGroups must be set together'],
    ],
    [
      'OAuth settings without OAuth',
      () => problems({ ...ofOwn, ...network, oauthScope: 'kafka' }),
      ['sources[0].oauthScope: must not be set with login: none'],
    ],
    [
      'a topic twice',
      () => problems({ ...msk, topics: ['kube-events', 'kube-events'] }),
      ['sources[0].topics[1]: the topic "kube-events" is given twice'],
    ],
    [
      'topics in one text',
      () => problems({ ...msk, topics: 'a,b' }),
      ['sources[0].topics: must be a list of 1 to 50, not "a,b"'],
    ],
    [
      'topics with a comma',
      () => problems({ ...msk, topics: ['aa,bb'] }),
      ['sources[0].topics[0]: must be a topic of 2 to 249 letters, digits, ".", "_" and "-", not "aa,bb"'],
    ],
    [
      'a group that is too long',
      () => problems({ ...msk, topics: ['t'.repeat(200)] }),
      [
        'sources[0].topics[0]: its consumer group would have 241 characters, and AWS accepts 200; set a shorter consumerGroup',
      ],
    ],
    [
      'two sources of one name',
      () =>
        read(
          JSON.stringify({
            default: { sources: [msk, { ...msk, topics: ['others'] }], environment: { TELEGRAM_CHAT_ID: 1 } },
          }),
        ).problems,
      ['settings.yml, line 1, sources[1]: two sources have the name "events"; give this one another name'],
    ],
    [
      'one topic under two sources',
      () => several({ ...msk, topics: ['aa'] }, { ...msk, name: 'again', topics: ['bb', 'aa'] }),
      ['sources[1].topics[1]: the source "events" reads the topic "aa" of the same cluster already'],
    ],
    [
      'one topic of the same brokers under two sources',
      () =>
        several(
          { ...ofOwn, ...network, bootstrapServers: ['a:1', 'b:1'] },
          { ...ofOwn, ...network, bootstrapServers: ['b:1', 'a:1'], name: 'again' },
        ),
      ['sources[1].topics[0]: the source "kafka" reads the topic "kube-events" of the same cluster already'],
    ],
    [
      'one topic name in two clusters',
      () => several(msk, { ...msk, clusterArn: cluster.replace('events', 'others') }),
      [],
    ],
    [
      'a port that does not exist',
      () => problems({ ...ofOwn, ...network, bootstrapServers: ['a:65535', 'a:65536', 'a:0'] }),
      [
        'sources[0].bootstrapServers[1]: must be an address with a port of at most 65535, not "a:65536"',
        'sources[0].bootstrapServers[2]: must be an address like broker-1.example.com:9096, not "a:0"',
      ],
    ],
    [
      'a root CA under a key of the customer, without a login',
      () => problems({ ...ofOwn, ...network, rootCaSecretArn: secret, rootCaKeyArn: key }),
      [],
    ],
    [
      'a key of no root CA',
      () => problems({ ...ofOwn, ...network, rootCaKeyArn: key }),
      ['sources[0].rootCaKeyArn: is the key of rootCaSecretArn, which is missing'],
    ],
    [
      '11 brokers',
      () => problems({ ...ofOwn, ...network, bootstrapServers: Array.from({ length: 11 }, (_, at) => `b${at}:9092`) }),
      ['sources[0].bootstrapServers: must be a list of 1 to 10'],
    ],
    [
      'a cluster in another region',
      () => problems(msk, {}, undefined, { region: 'us-east-1' }),
      ['sources[0].clusterArn: must be in us-east-1, where the functions are deployed, not in eu-central-1 (kafka)'],
    ],
    [
      'a cluster in another partition',
      () => problems(msk, {}, undefined, { region: 'cn-north-1' }),
      ['sources[0].clusterArn: must be an ARN of aws-cn, since the region is cn-north-1, not of aws'],
    ],
    [
      'pollers of on-demand',
      () => problems(msk, { delivery: 'on-demand', maximumPollers: 3, onFailure: 'kafka://failed' }),
      [
        'maximumPollers: must not be set with delivery: on-demand, which has no such setting',
        'onFailure: must not be set with delivery: on-demand, which has no such setting',
      ],
    ],
    [
      'more pollers at least than at most',
      () => problems(msk, { minimumPollers: 3, maximumPollers: 2 }),
      ['minimumPollers: must be at most maximumPollers, 2, not 3'],
    ],
    [
      'a start in the future',
      () => problems(msk, { startingPosition: '2026-11-28T13:00:00Z' }),
      ['startingPosition: must not be in the future'],
    ],
    [
      'a filter on the key',
      () => problems(msk, { filters: [{ key: ['a'] }] }),
      ['filters[0]: can only match on value, not on key'],
    ],
    [
      'a start without a time zone',
      () => problems(msk, { startingPosition: '2026-11-28T11:00:00' }),
      [
        'startingPosition: must be first-deployment, beginning, latest or a time like 2026-12-24T18:00:00Z, not "2026-11-28T11:00:00"',
      ],
    ],
    [
      'a start at the zero of computers',
      () => problems(msk, { startingPosition: '1970-01-01T00:00:00Z' }),
      [
        'startingPosition: must be first-deployment, beginning, latest or a time like 2026-12-24T18:00:00Z, not "1970-01-01T00:00:00Z"',
      ],
    ],
    [
      'more filters than AWS accepts',
      () => problems(msk, { filters: Array.from({ length: 6 }, () => ({ value: { kind: ['Event'] } })) }),
      ['filters: must be a list of 1 to 5'],
    ],
    ['a filter', () => problems(msk, { filters: [{ value: { a: { b: ['c', { prefix: 'd' }] } } }] }), []],
    [
      'filters that are no patterns',
      () => problems(msk, { filters: [{}, { value: 'abc' }, { value: { a: [] } }] }),
      [0, 1, 2].map(
        (at) => `filters[${at}]: must be a pattern like { value: { reason: [Failed] } }, whose leaves are lists`,
      ),
    ],
    [
      'FIFO topics and queues',
      () =>
        problems(msk, {
          alarmTopicArns: ['arn:aws:sns:eu-central-1:123456789012:ops.fifo'],
          onFailure: 'arn:aws:sqs:eu-central-1:123456789012:failed.fifo',
        }).map((text) => text.replace(/, not "arn.*/, '')),
      ['alarmTopicArns[0]', 'onFailure'].map((name) => `${name}: must be a standard topic or queue, and not FIFO`),
    ],
    [
      'tags of AWS, and tags without a name',
      () => problems(msk, { tags: { 'aws:a': 'b', '': 'c', team: 'd' } }),
      ['tags["aws:a"]', 'tags[""]'].map(
        (name) => `${name}: the name of a tag must have 1 to 128 characters and must not begin with aws:`,
      ),
    ],
    [
      'more pollers than a group can have',
      () => problems({ ...msk, topics: ['aa', 'bb'] }, { maximumPollers: 1_001, pollerGroup: 'team' }),
      ['maximumPollers: the 2 topics of the poller group team would have 2002 pollers together, and AWS accepts 2000'],
    ],
    [
      'more topics than a poller group can have',
      () => ofMany(3, 40, { pollerGroup: 'team', dashboard: false }),
      ['sources: the poller group team would have 120 topics, and AWS accepts 100'],
    ],
    [
      'more topics than a stack can have',
      () => ofMany(5, 50),
      [
        expect.stringMatching(
          /^sources: too many topics: the stack would have \d{3} resources, and CloudFormation accepts 500; deploy some of the topics as another stage$/,
        ),
        expect.stringMatching(
          /^sources: too many topics: the stack would have \d{3} outputs, and CloudFormation accepts 200; deploy some of the topics as another stage$/,
        ),
      ],
    ],
    [
      'a record age below a minute',
      () => problems(msk, { maximumRecordAgeSeconds: 30 }),
      ['maximumRecordAgeSeconds: must be a whole number from 60 to 604800, not 30'],
    ],
    [
      'failed records into the topic itself',
      () => problems(msk, { onFailure: 'kafka://kube-events' }),
      ['onFailure: must not be a topic that the function reads'],
    ],
    [
      'a table setting without a table',
      () => problems(msk, { state: 'memory', tableRecovery: true }),
      ['tableRecovery: must not be set with state: memory, which has no table'],
    ],
    [
      'two places for the token',
      () => problems(msk, { tokenParameter: '/a', tokenSecretArn: secret }),
      ['tokenSecretArn: must not be set together with tokenParameter'],
    ],
    [
      'STATE in the environment',
      () => problems(msk, {}, { TELEGRAM_CHAT_ID: 1, STATE: 'memory' }),
      ['environment.STATE: is set by the setting state'],
    ],
    [
      'a token in the environment',
      () => problems(msk, {}, { TELEGRAM_CHAT_ID: 1, TELEGRAM_BOT_TOKEN: '1:a' }),
      ['environment.TELEGRAM_BOT_TOKEN: is reserved by Lambda or may be a secret, and the template is stored in S3'],
    ],
    [
      'a bot token under another name',
      () =>
        problems(msk, { tags: { note: token } }, { TELEGRAM_CHAT_ID: 1, MY_NOTE: token }).map((text) =>
          text.replace('and the template is stored in S3; see tokenParameter', '…'),
        ),
      ['environment.MY_NOTE: contains a bot token, …', 'tags.note: contains a bot token, …'],
    ],
    [
      'a password in a URL',
      () => problems(msk, {}, { TELEGRAM_CHAT_ID: 1, TELEGRAM_API_ROOT: 'https://user:pass@example.com' }),
      ['environment.TELEGRAM_API_ROOT: contains a user name or a password in a URL, and the template is stored in S3'],
    ],
    [
      'rules under a name with a wildcard',
      () => problems(msk, {}, { TELEGRAM_CHAT_ID: 1, CONFIG_FILE: 's3://bucket/*' }),
      ['environment.CONFIG_FILE: must not have "*", "?" or "$", which would widen the role of the functions'],
    ],
    [
      'other wildcards',
      () =>
        problems(
          {
            ...msk,
            login: 'mtls',
            clusterArn: cluster.replace('events', '*'),
            secretArn: secret.replace('brokers', '*'),
          },
          { consumerGroup: 'a*' },
        ).map((text) => text.replace(/: .*/, '')),
      ['consumerGroup', 'sources[0].clusterArn', 'sources[0].secretArn'],
    ],
    [
      'variables that the functions would refuse',
      () =>
        problems(
          msk,
          {},
          {
            TELEGRAM_CHAT_ID: 'hello world',
            TELEGRAM_API_ROOT: 'nope',
            TZ: 'Berlin',
            LOG_LEVEL: 'loud',
            CARD_LANGUAGE: 'xx',
            INCIDENTS: 'maybe',
            LINK_TEMPLATE: 'foo',
          },
        ).map((text) => text.replace(/ must be .*,/, ' must be …,')),
      [
        'environment.INCIDENTS: must be …, not "maybe"',
        'environment.TELEGRAM_CHAT_ID: must be …, not "hello world"',
        'environment.TELEGRAM_API_ROOT: must be …, not "nope"',
        'environment.CARD_LANGUAGE: must be …, not "xx"',
        'environment.LINK_TEMPLATE: must be …, not "foo"',
        'environment.LOG_LEVEL: must be …, not "loud"',
        'environment.TZ: must be …, not "Berlin"',
      ],
    ],
    [
      'incidents without a table',
      () => problems(msk, { state: 'memory' }, { TELEGRAM_CHAT_ID: 1, INCIDENTS: 'on' }),
      ['environment.INCIDENTS: must be off with STATE=memory, which loses incidents when the process ends'],
    ],
    [
      'a large environment',
      () => problems(msk, {}, { TELEGRAM_CHAT_ID: 1, NOTE: 'x'.repeat(4_009) }),
      ['environment: has 4330 bytes, and AWS accepts 4096; shorten it'],
    ],
    [
      'a key for rules in the package',
      () => problems(msk, { configKeyArn: key }),
      ['configKeyArn: is only for a CONFIG_FILE like ssm:/name or s3://bucket/key'],
    ],
    [
      'rules in a place that does not exist',
      () => problems(msk, {}, { TELEGRAM_CHAT_ID: 1, CONFIG_FILE: 's3:/x' }),
      ['environment.CONFIG_FILE: must be ssm:/name/of/parameter or s3://bucket/key, or a file in this folder'],
    ],
    [
      'more topics than a role can have ARNs for',
      () => problems({ ...msk, topics: Array.from({ length: 50 }, (_, at) => `kube-events-of-cluster-${at}`) }),
      [
        expect.stringMatching(
          /^sources: too many topics: the policy of the role would have \d{5} characters, and IAM accepts 10240; deploy some of the topics as another stage$/,
        ),
      ],
    ],
    [
      'a long stage',
      () => problems(msk, {}, undefined, { stage: 's'.repeat(41) }),
      [`--stage: must be a letter and at most 39 letters, digits and "-", not "${'s'.repeat(41)}"`],
    ],
  ]
  for (const [name, found, said] of cases) it(name, () => expect(found()).toEqual(said))
})
