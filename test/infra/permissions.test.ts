import { expect, it } from 'vitest'
import { exampleNames, settingsOf, templateOf } from './stacks.ts'

it.each(exampleNames)('no role of %s has a statement twice', (example) => {
  const { Resources } = templateOf(settingsOf(example))
  for (const id of ['NotifyRole', 'SweepRole']) {
    const policies = (Resources[id]?.Properties.Policies ?? []) as { PolicyDocument: { Statement: object[] } }[]
    const statements = policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.map((one) => JSON.stringify(one)),
    )
    expect(statements).toEqual([...new Set(statements)])
  }
})
