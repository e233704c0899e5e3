import { loadProgram } from '../lib/app/node-version.ts'

await loadProgram(() => import('./worker.ts'))
