import * as v from 'valibot'
import { didYouMean, suggest } from '../../../lib/app/config/suggest.ts'
import { parseYaml, type YamlFile } from '../../../lib/app/config/yaml.ts'
import { parseTime } from '../../../lib/core/event/time.ts'
import { type Path, pathText, quoted } from '../../../lib/core/routing/problem.ts'
import { combinationProblems } from './combinations.ts'
import { defaults, type Field, fields, sourceFields } from './fields.ts'
import { type Settings, type Source, type StartingPosition, service } from './settings.ts'

export interface Given {
  /** The text of settings.yml; undefined if there is no such file. */
  text: string | undefined
  fileName: string
  stage: string
  /** From `--region`. */
  region: string | undefined
  /** From the shell, if neither `--region` nor a setting says it. */
  shellRegion?: string | undefined
  /** From the command line: `name=value` with the value in YAML. They win over the file. */
  parameters: string[]
  /** In milliseconds since the epoch. */
  now: number
}

/** Where a setting stands, and what is wrong with it. */
export interface Problem {
  /** In the merged settings. */
  path: Path
  text: string
}

export interface SettingsFile {
  settings: Settings
  problems: string[]
  /** Possible mistakes, which do not stop the deployment. */
  notes: string[]
}

/** Reads the settings of a stage. With problems, `settings` has the defaults in place of what is wrong. */
export function readSettings(given: Given): SettingsFile {
  const file = parseYaml(given.text ?? '')
  const sections = readSections(file, given)
  const read = readFields(sections.values, fields, [])
  const sources = readSources(read.values.sources)
  const region = given.region || read.values.region || given.shellRegion || onlyRegionIn(sections.values)
  const settings = withDefaults({ ...read.values, region }, sources.sources, given)
  const found = [...read.problems, ...missing(sections.values, fields, []), ...sources.problems]
  const combined = combinationProblems(settings, {
    ...given,
    given: sections.values,
    wrong: found.map(({ path }) => path),
  })
  const problems = [
    ...file.problems.map(({ line, text }) => `${given.fileName}, line ${line}: ${text}`),
    ...sections.problems,
    ...[...found, ...combined].map((problem) => `${sections.placeOf(problem.path)}: ${problem.text}`),
  ]
  const notes = [...sections.notes, ...regionNotes(settings, given)]
  if (given.text !== undefined) return { settings, problems, notes }
  const noFile = `${given.fileName} is missing: copy one of infra/examples/settings to ${given.fileName} and enter your values`
  return { settings, problems: [noFile, ...(given.parameters.length > 0 ? problems : [])], notes }
}

function regionNotes({ region }: Settings, { region: ofCommand, shellRegion, fileName }: Given): string[] {
  return ofCommand || !shellRegion || shellRegion === region
    ? []
    : [`The region is ${region}, as ${fileName} says, and not ${shellRegion} as in this shell`]
}

/** The region of the ARNs, if all are in the same. */
function onlyRegionIn(values: Values): string | undefined {
  const found = JSON.stringify(values).matchAll(/"arn:[^:"]+:[^:"]+:([^:"]+):/g)
  const [region, ...others] = new Set([...found].map(([, its]) => its))
  return others.length === 0 ? region : undefined
}

type Values = Record<string, unknown>

// A stage adds to these maps, and replaces other settings.
const mergedByKey = ['environment', 'tags']

/** The settings in `default` and in the stage's section, and those of the command line; the later ones win. */
function readSections(file: YamlFile, { fileName, stage, parameters }: Given) {
  const problems: string[] = []
  const places = new Map<string, (path: Path) => string>()
  const values: Values = {}
  function give(name: string, value: unknown, place: (path: Path) => string) {
    const isMerged = isMap(value) && mergedByKey.includes(name)
    values[name] = isMerged ? { ...(isMap(values[name]) ? values[name] : {}), ...value } : value
    const paths = isMerged ? Object.keys(value).map((key) => [name, key]) : []
    for (const path of [[name], ...paths]) places.set(JSON.stringify(path), place)
  }

  const all = file.value ?? {}
  if (!isMap(all)) problems.push(`${fileName}, line 1: must be a map with the section default`)
  const found = Object.entries(isMap(all) ? all : {})
  for (const [section, content] of found) {
    const line = file.lineOf([], section)
    if (section in fields)
      problems.push(`${fileName}, line ${line}: ${section} must be in the section default, or in that of a stage`)
    else if (content !== null && !isMap(content))
      problems.push(`${fileName}, line ${line}: ${section} must be a map of settings`)
  }
  const contents = new Map(found.flatMap(([section, content]) => (isMap(content) ? [[section, content]] : [])))
  const placeIn = (section: string) => (path: Path) =>
    `${fileName}, line ${file.lineOf([section, ...path])}, ${pathText(path)}`
  for (const section of stage === 'default' ? ['default'] : ['default', stage])
    for (const [name, value] of Object.entries(contents.get(section) ?? {})) give(name, value, placeIn(section))
  const others = [...contents.keys()].filter((section) => section !== 'default' && section !== stage)
  for (const section of others)
    for (const { path, text } of formProblems(contents.get(section) ?? {}))
      problems.push(`${placeIn(section)(path)}: ${text}`)
  for (const parameter of parameters) {
    const [, name = '', text = ''] = /^([^=]*)=?(.*)$/s.exec(parameter) ?? []
    const parsed = parseYaml(text)
    give(name, parsed.problems.length > 0 ? text : parsed.value, (path) => `--param ${pathText(path)}`)
  }
  const placeOf = (path: Path) =>
    (places.get(JSON.stringify(path.slice(0, 2))) ?? places.get(JSON.stringify(path.slice(0, 1))))?.(path) ??
    (path.length > 0 ? `${fileName}, ${pathText(path)}` : fileName)
  const isAnotherStage = others.length > 0 && !(stage in (isMap(all) ? all : {}))
  const notes = isAnotherStage
    ? [
        `${fileName} has no section "${stage}", so only the section default applies. Other sections: ${others.join(', ')}`,
      ]
    : []
  return { values: withoutEmpty(values), problems, notes, placeOf }
}

/** An empty setting is not given, as an empty variable. It takes back the one before it. */
function withoutEmpty(values: Values): Values {
  const given = Object.entries(values).filter(([, value]) => value !== null)
  return Object.fromEntries(
    given.map(([name, value]) => [name, isMap(value) && mergedByKey.includes(name) ? withoutEmpty(value) : value]),
  )
}

/** Mistakes in the section of another stage, which need not be complete. */
function formProblems(section: Values): Problem[] {
  const { values, problems } = readFields(withoutEmpty(section), fields, [])
  return [...problems, ...readSources(values.sources).problems]
}

/** The values that have their form. */
function readFields(given: Values, table: Record<string, Field>, above: Path): { values: Values; problems: Problem[] } {
  const values: Values = {}
  const problems: Problem[] = []
  const names = Object.keys(table)
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(table, name) ? table[name] : undefined
    const path = [...above, name]
    if (!field) {
      problems.push({ path, text: unknown(name, names) })
      continue
    }
    const parsed = v.safeParse(field.schema, value)
    if (parsed.success) values[name] = parsed.output
    else problems.push(...parsed.issues.map((issue) => problemOf(issue, path)))
  }
  return { values, problems }
}

function missing(given: Values, table: Record<string, Field>, above: Path): Problem[] {
  return Object.entries(table)
    .filter(([name, { isRequired }]) => isRequired && !Object.hasOwn(given, name))
    .map(([name]) => ({ path: above, text: `${name} is missing` }))
}

function unknown(name: string, names: string[]): string {
  const meant = names.includes('sources') ? suggest(name, [...names, ...Object.keys(sourceFields)]) : undefined
  if (meant !== undefined && !names.includes(meant)) return `unknown setting; ${meant} belongs to an entry of sources`
  return `unknown setting${didYouMean(name, names) || `; the settings are ${names.join(', ')}`}`
}

function problemOf(issue: v.BaseIssue<unknown>, above: Path): Problem {
  const path = [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)]
  if (issue.type === 'strict_object' && issue.path) {
    const isMissing = issue.received === 'undefined'
    return {
      path: isMissing ? path.slice(0, -1) : path,
      text: isMissing ? `${path.at(-1)} is missing` : 'unknown setting',
    }
  }
  const { input } = issue
  const isPlain = typeof input !== 'object' || input === null
  return {
    path,
    text: isPlain && issue.message.startsWith('must be') ? `${issue.message}, not ${quoted(input)}` : issue.message,
  }
}

function readSources(given: unknown): { sources: Source[]; problems: Problem[] } {
  const read = (Array.isArray(given) ? given : []).map((one: Values, index) => {
    const path = ['sources', index]
    const { values, problems } = readFields(one, sourceFields, path)
    return { values, problems: [...problems, ...missing(one, sourceFields, path)] }
  })
  return {
    sources: read.map(({ values }) => sourceOf(values)),
    problems: read.flatMap(({ problems }) => problems),
  }
}

function sourceOf(values: Values): Source {
  const { type = 'msk', login = 'none', topics = [] } = values as Partial<Source>
  const [, cluster] = /:cluster\/([^/]+)\//.exec(String(values.clusterArn ?? '')) ?? []
  return { name: cluster ?? 'kafka', ...values, type, login, topics }
}

function withDefaults(values: Values, sources: Source[], { stage }: Given): Settings {
  const { environment = {}, startingPosition, ...others } = values
  const hasSecret = others.tokenSecretArn !== undefined
  return {
    ...defaults,
    consumerGroup: `${service}-lambda-${stage}`,
    ...(hasSecret ? {} : { tokenParameter: `/${service}/${stage}/bot-token` }),
    tags: {},
    alarmTopicArns: [],
    ...others,
    stage,
    sources,
    environment: Object.fromEntries(
      Object.entries(environment as Values).map(([name, value]) => [name, String(value)]),
    ),
    startingPosition: positionOf(startingPosition),
  }
}

function positionOf(given: unknown): StartingPosition {
  if (given === 'beginning' || given === 'latest') return given
  const time = typeof given === 'string' ? parseTime(given) : undefined
  return time === undefined ? 'first-deployment' : { atSeconds: Math.floor(time / 1_000) }
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
