// npm run generate: writes the files that are generated from others. Tests check that they are up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { toJsonSchema } from '@valibot/to-json-schema'
import { parse } from 'yaml'
import { settingsSchema } from '../../infra/aws/settings/schema.ts'
import { causes } from '../../lib/core/event/cause-table.ts'
import { en } from '../../lib/core/message/words/en.ts'
import { RoutingFile } from '../../lib/core/routing/schema.ts'

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
      withBlock('causes', causesTable(), withBlock('defaults', `\`\`\`yaml\n${defaults}\`\`\``, pageText())),
    ],
  ])
}

function pageText(): string {
  return readFileSync('docs/configuration.md', 'utf8')
}

/** Replaces the text between the comments `<!-- name -->` and `<!-- /name -->` of a page. */
function withBlock(name: string, text: string, page: string): string {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`]
  if (!page.includes(start) || !page.includes(end)) throw new Error(`docs/configuration.md has no block "${name}"`)
  return `${page.slice(0, page.indexOf(start) + start.length)}${text}\n${page.slice(page.indexOf(end))}`
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
