// npm run generate: writes the files that are generated from others. Tests check that they are up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { toJsonSchema } from '@valibot/to-json-schema'
import { parse } from 'yaml'
import { type Field, fields, defaults as settingDefaults, sourceFields } from '../../infra/aws/settings/fields.ts'
import { settingsSchema } from '../../infra/aws/settings/schema.ts'
import { causes } from '../../lib/core/event/cause-table.ts'
import { en } from '../../lib/core/message/words/en.ts'
import { RoutingFile } from '../../lib/core/routing/schema.ts'
import { releasePageBlocks } from './release-page.ts'

const header =
  "import type { Rule } from './schema.ts'\n\n// Made of defaults.yml by `npm run generate`: the bundle needs no YAML for it.\n"

/** The generated texts, by file. */
export function generated(): Map<string, string> {
  const defaults = readFileSync('lib/core/routing/defaults.yml', 'utf8')
  const { rules } = parse(defaults) as { rules: Record<string, unknown>[] }
  const lines = rules.map((rule) => `  ${JSON.stringify({ action: 'show', ...rule })},`)
  const schema = {
    title: 'kube-eventer-telegram, CONFIG_FILE',
    ...toJsonSchema(RoutingFile, { typeMode: 'input' }),
  }
  const settings = {
    title: 'kube-eventer-telegram, settings.yml',
    ...toJsonSchema(settingsSchema(), { typeMode: 'input', errorMode: 'ignore' }),
  }
  return new Map([
    [
      'lib/core/routing/defaults.ts',
      `${header}export const defaultRules: readonly Rule[] = [\n${lines.join('\n')}\n]\n`,
    ],
    ['infra/config.schema.json', `${JSON.stringify(schema, undefined, 2)}\n`],
    ['infra/settings.schema.json', `${JSON.stringify(settings, undefined, 2)}\n`],
    [
      'docs/configuration.md',
      withBlocks('docs/configuration.md', { causes: causesTable(), defaults: `\`\`\`yaml\n${defaults}\`\`\`` }),
    ],
    [
      'docs/aws-settings.md',
      withBlocks('docs/aws-settings.md', {
        settings: settingsTable(fields, settingDefaults),
        sources: settingsTable(sourceFields, {}),
      }),
    ],
    ['docs/aws-without-serverless.md', withBlocks('docs/aws-without-serverless.md', releasePageBlocks())],
  ])
}

/** Replaces the text between the comments `<!-- name -->` and `<!-- /name -->` of a page. */
function withBlocks(file: string, blocks: Record<string, string>): string {
  return Object.entries(blocks).reduce(
    (page, [name, text]) => {
      const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`]
      if (!page.includes(start) || !page.includes(end)) throw new Error(`${file} has no block "${name}"`)
      return `${page.slice(0, page.indexOf(start) + start.length)}${text}\n${page.slice(page.indexOf(end))}`
    },
    readFileSync(file, 'utf8'),
  )
}

function settingsTable(table: Record<string, Field>, values: Record<string, unknown>): string {
  return [
    '| setting | meaning | default |',
    '| --- | --- | --- |',
    ...Object.entries(table).map(([name, { about, isRequired, otherwise, schema }]) => {
      const value = isRequired ? 'required' : (otherwise ?? (name in values ? `\`${values[name]}\`` : ''))
      return `| \`${name}\` | ${about}${wordsOf(schema)} | ${value} |`
    }),
  ].join('\n')
}

/** The words that a setting may have. */
function wordsOf(schema: object): string {
  const { options = [] } = schema as { options?: unknown[] }
  const words = options.filter((option) => typeof option === 'string')
  return words.length > 0 ? `: ${words.map((word) => `\`${word}\``).join(', ')}` : ''
}

function causesTable(): string {
  const named = causes.flatMap(({ name, ...row }) => (name === undefined ? [] : [{ name, ...row }]))
  const rows = [...Map.groupBy(named, ({ name }) => name)].sort(([a], [b]) => (a < b ? -1 : 1))
  const titles: Record<string, string> = en.titles
  return [
    '| cause | title on the card | severity | reasons |',
    '| --- | --- | --- | --- |',
    ...rows.map(([name, of]) => {
      const severities = new Set(of.map(({ severity }) => severity))
      const reasons = new Set(of.flatMap((row) => row.reasons))
      return `| \`${name}\` | ${titles[name] ?? ''} | ${[...severities].join(', ')} | ${[...reasons].join(', ')} |`
    }),
  ].join('\n')
}

if (process.argv[1]?.endsWith('generate.ts')) for (const [file, text] of generated()) writeFileSync(file, text)
