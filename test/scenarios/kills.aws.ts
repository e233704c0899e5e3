import { inject } from 'vitest'
import { newTables } from '../support/dynamodb-tables.ts'
import { killScenarios } from '../support/kills.ts'

killScenarios('DynamoDB', newTables(inject('aws'), 'kills'))
