import { sharedStateScenarios } from '../support/scenarios.ts'
import { newSqlite } from '../support/states.ts'

sharedStateScenarios('sqlite', newSqlite)
