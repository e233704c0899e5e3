import { inject } from 'vitest'
import { newTables } from '../support/dynamodb-tables.ts'
import { sharedStateScenarios } from '../support/scenarios.ts'

sharedStateScenarios('DynamoDB', newTables(inject('aws'), 'shared'))
