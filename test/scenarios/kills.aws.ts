import { inject } from 'vitest'
import { killScenarios } from '../support/kills.ts'
import { newTables } from '../support/new-table.ts'

killScenarios('DynamoDB', newTables(inject('aws'), 'kills'))
