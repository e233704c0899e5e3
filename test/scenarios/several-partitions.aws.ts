import { inject } from 'vitest'
import { newTables } from '../support/dynamodb-tables.ts'
import { severalPartitionScenarios } from '../support/several-partitions.ts'

severalPartitionScenarios([{ name: 'dynamodb', newState: newTables(inject('aws'), 'several-partitions') }], [1, 4])
