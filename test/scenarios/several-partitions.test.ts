import { severalPartitionScenarios } from '../support/several-partitions.ts'
import { memory, sqlite } from '../support/states.ts'

severalPartitionScenarios([memory, sqlite], [1, 2, 3, 4])
