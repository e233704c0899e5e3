import { inject } from 'vitest'
import { newTables } from '../support/new-table.ts'
import { sharedStateScenarios } from '../support/scenarios.ts'

sharedStateScenarios('DynamoDB', newTables(inject('aws'), 'shared'))
