// npm run generate: what is made of other files of the project. Tests tell where they differ.
import { readFileSync, writeFileSync } from 'node:fs'
import { toJsonSchema } from '@valibot/to-json-schema'
import { parse } from 'yaml'
import { RoutingFile } from '../../lib/core/routing/schema.ts'

const header =
  "import type { Rule } from './schema.ts'\n\n// Made of defaults.yml by `npm run generate`: the bundle needs no YAML for it.\n"

/** Texts by their files, as they should be. */
export function generated(): Map<string, string> {
  const { rules } = parse(readFileSync('lib/core/routing/defaults.yml', 'utf8')) as { rules: Record<string, unknown>[] }
  const lines = rules.map((rule) => `  ${JSON.stringify({ action: 'show', ...rule })},`)
  const schema = {
    title: 'kube-eventer-telegram, CONFIG_FILE',
    ...toJsonSchema(RoutingFile, { typeMode: 'input' }),
  }
  return new Map([
    [
      'lib/core/routing/defaults.ts',
      `${header}export const defaultRules: readonly Rule[] = [\n${lines.join('\n')}\n]\n`,
    ],
    ['infra/config.schema.json', `${JSON.stringify(schema, undefined, 2)}\n`],
  ])
}

if (process.argv[1]?.endsWith('generate.ts')) for (const [file, text] of generated()) writeFileSync(file, text)
