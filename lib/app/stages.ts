import type { Body } from '../core/incident/incident.ts'
import { createRenderer, overridesOf } from '../core/message/render.ts'
import { languages } from '../core/message/words/languages.ts'
import type { OngoingProblems } from '../core/ongoing-problems.ts'
import { knownTargets } from '../core/routing/compile-ruleset.ts'
import { loudnessOf } from '../core/routing/quiet.ts'
import type { Router } from '../core/routing/router.ts'
import type { Ruleset } from '../core/routing/ruleset.ts'
import { parseTarget, type Target } from '../core/routing/target.ts'
import { createAnnotate } from '../pipeline/annotations.ts'
import { type BackOff, isFruitless } from '../pipeline/back-off.ts'
import { createSaveDeadLetters } from '../pipeline/dead-letters.ts'
import type { ChatTurns } from '../pipeline/deliver/chat-lock.ts'
import { createDeliver } from '../pipeline/deliver/deliver.ts'
import { createDue } from '../pipeline/due.ts'
import { createGiveUp } from '../pipeline/give-up.ts'
import { createSaveGoodRules } from '../pipeline/good-rules.ts'
import { observeBatch, observeSweep } from '../pipeline/log-and-metrics.ts'
import { createRaiseOwnEvents, createReportRefusals } from '../pipeline/own-events.ts'
import type { Clock, Log, Meter, Store, TelegramClient } from '../pipeline/ports.ts'
import type { BatchStages } from '../pipeline/process-batch.ts'
import { createRoute } from '../pipeline/route.ts'
import { createReportRulesMistakes } from '../pipeline/rules-mistakes.ts'
import { createSave } from '../pipeline/save.ts'
import { createSuppressed } from '../pipeline/suppressed-summary.ts'
import { refusedTargets, type SweepStages } from '../pipeline/sweep.ts'
import { createWatchdog } from '../pipeline/watchdog.ts'
import type { Config } from './config/config.ts'

export interface Stages {
  batch: BatchStages
  sweep: SweepStages
}

interface Surroundings {
  /** The configuration's ruleset, or one that knows more names of its targets. */
  ruleset: Ruleset
  /** Of that ruleset. */
  router: Router
  store: Store
  client: TelegramClient
  clock: Clock
  turns: ChatTurns
  backOff: BackOff
  log: Log
  meter: Meter
  problems: OngoingProblems
  /** When the program started, in milliseconds since the epoch. */
  startedAt: number
  /** When new rules changed the watchdog or the names of clusters; undefined: not since the program started. */
  watchingSince: number | undefined
  /** Where this process has told of mistakes in the rules, by the uid of the event. */
  toldMistakes: Map<string, Target>
  redact: (text: string) => string
}

/** The stages of a batch and of a sweep, each with the ports that it needs. */
export function createStages(config: Config, surroundings: Surroundings): Stages {
  const {
    ruleset,
    router,
    store,
    client,
    clock,
    turns,
    backOff,
    log,
    meter,
    problems,
    toldMistakes,
    startedAt,
    watchingSince,
    redact,
  } = surroundings
  const { cluster, timeZone, link, hasIncidents, failureMode } = config
  const { quiet, clusters, rules, fallback, target: defaultTarget } = ruleset
  const words = languages[config.language]
  const renderer = createRenderer({ timeZone, words, link, ...overridesOf(rules) })
  const present = (body: Body, now: number) => ({
    textHash: renderer.text(body).hash,
    loudness: loudnessOf(quiet, body.identity.target, body.merged.severity, now),
  })
  const clusterOf = (topic: string) => clusters[topic] ?? cluster ?? topic
  const targets = knownTargets(ruleset)
  const targetNamed = (name: string) => {
    const known = targets.get(name)
    return { target: known ?? parseTarget(name), isConfigured: known !== undefined }
  }
  const observer = { log, redact, meter, problems }

  const save = createSave({ store, clock, renderer, present })
  const due = createDue({ store, clock, targetNamed })
  const raise = createRaiseOwnEvents({ save, hasIncidents })
  const reportRefusals = createReportRefusals({ raise, store, fallback })
  const newToken = () => crypto.randomUUID()
  const deliver = createDeliver({ store, client, clock, renderer, present, turns, newToken, reportRefusals })
  const saveDeadLetters = createSaveDeadLetters({ store, clock, redact })
  const suppressed = createSuppressed({ store, clock, raise, schedule: ruleset.suppressed, words })
  const watchdog = createWatchdog({
    store,
    clock,
    raise,
    startedAt,
    watchingSince,
    setting: ruleset.watchdog,
    clusterOf,
    words,
    timeZone,
  })
  const reportRulesMistakes = createReportRulesMistakes({
    store,
    raise,
    target: fallback ?? defaultTarget,
    rules: config.liveRules,
    told: toldMistakes,
    words,
  })
  const saveGoodRules = createSaveGoodRules({ store, clock, rules: config.liveRules })
  const giveUp = createGiveUp({ store, clock, raise, fallback, defaultTarget, words, timeZone })

  return {
    batch: {
      clock,
      route: createRoute({ router, clusterOf }),
      annotate: createAnnotate({ router, clock }),
      save,
      due,
      deliver,
      settings: { hasIncidents, isDurable: store.isDurable, failureMode },
      sideFeatures: {
        recordsCame: (records, at, deadline) =>
          watchdog.recordsCame(
            records.map(({ topic }) => topic),
            at,
            deadline,
          ),
        async finished(findings, deadline) {
          const deadLetters = await saveDeadLetters(findings.outcomes, deadline)
          await suppressed.count(findings.outcomes, deadline)
          observeBatch({ ...findings, deadLetters, endedAt: clock.now() }, observer)
          await backOff(isFruitless(findings.outcomes), deadline)
        },
      },
    },
    sweep: {
      store,
      clock,
      due,
      ownEvents: [
        (_, deadline) => suppressed.dailySummary(deadline),
        (_, deadline) => watchdog.check(deadline),
        (_, deadline) => reportRulesMistakes(deadline),
        (_, deadline) => saveGoodRules(deadline),
        (found, deadline) => reportRefusals(refusedTargets(found), deadline),
        giveUp,
      ],
      deliver,
      observe: (findings) => observeSweep(findings, observer),
    },
  }
}
