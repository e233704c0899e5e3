import { describe, expect, it } from 'vitest'
import { settingsOf, templateOf } from './stacks.ts'

const tableOf = (parameters: Record<string, unknown>) =>
  templateOf(settingsOf('msk-iam', parameters)).Resources.StateTable

describe('the table', () => {
  it('is deleted with the stack', () => expect(tableOf({})?.DeletionPolicy).toBe('Delete'))

  it('with retainTable stays, except after a first deployment that failed: its name would be taken for the next one', () =>
    expect(tableOf({ retainTable: true })?.DeletionPolicy).toBe('RetainExceptOnCreate'))

  it('loses protection and recovery when their settings are removed, so both are always written', () =>
    expect(tableOf({})?.Properties).toMatchObject({
      DeletionProtectionEnabled: false,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
    }))
})
