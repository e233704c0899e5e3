import * as v from 'valibot'
import { type Field, fields, sourceFields } from './fields.ts'

/** The form of settings.yml, for editors: sections of settings. `sources` are complete, other settings may be in any section. */
export function settingsSchema() {
  const sources = v.array(mapOf(sourceFields))
  return v.record(v.string(), v.partial(mapOf({ ...fields, sources: { ...fields.sources, schema: sources } })))
}

function mapOf(table: Record<string, Field>) {
  const entries = Object.entries(table).map(([name, { about, schema, isRequired }]) => {
    const described = v.pipe(schema, v.description(about))
    return [name, isRequired ? described : v.optional(described)]
  })
  return v.strictObject(Object.fromEntries(entries) as v.ObjectEntries)
}
