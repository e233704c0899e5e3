import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

// The last line that takes Produce v0, which is what stock kube-eventer sends: to Kafka 4 it loses every event.
export const defaultVersion = '3.9.2'

const pom = fileURLToPath(new URL('broker-jars.xml', import.meta.url))

/** Kafka's own jars in this folder, as a class path; collected by Maven where they are not there yet (46 MB). */
export function collectJars(folder: string, version: string): string {
  checkJava()
  if (!existsSync(folder)) download(folder, version)
  return `${folder}/*`
}

function checkJava() {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  if (error) throw new Error('A broker needs Java 17 or later, and there is no java in PATH.')
  // "17.0.15", and of old ones "1.8.0".
  const [, version = '0'] = /version "(\d+)/.exec(stderr) ?? []
  if (Number(version) < 17) throw new Error(`A broker needs Java 17 or later, and java in PATH is version ${version}.`)
}

function download(folder: string, version: string) {
  mkdirSync(dirname(folder), { recursive: true })
  const unfinished = mkdtempSync(`${folder}-`)
  const binding = bindingOf(version)
  const { error, status, stdout } = spawnSync(
    'mvn',
    [
      ...['--quiet', '--batch-mode', '--file', pom, 'dependency:copy-dependencies'],
      ...[`-DoutputDirectory=${unfinished}`, `-Dkafka.version=${version}`],
      ...Object.entries(binding).map(([name, value]) => `-Dbinding.${name}=${value}`),
    ],
    { encoding: 'utf8' },
  )
  try {
    if (error) throw new Error('A broker’s jars come by Maven, and there is no mvn in PATH.')
    if (status !== 0) throw new Error(`Maven could not get Kafka ${version}:\n${stdout.trim()}`)
    // Who was quicker has put the same there.
    if (!existsSync(folder)) renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** Kafka 3 logs by log4j 1's successor, Kafka 4 by log4j 2. */
function bindingOf(version: string): { group: string; artifact: string; version: string } {
  return isOldLine(version)
    ? { group: 'org.slf4j', artifact: 'slf4j-reload4j', version: '1.7.36' }
    : { group: 'org.apache.logging.log4j', artifact: 'log4j-slf4j-impl', version: '2.25.5' }
}

function isOldLine(version: string): boolean {
  return version.startsWith('3.')
}

/** A log configuration that writes warnings to the standard output, and the option of Java that names its file. */
export function loggingOf(version: string, file: string): { option: string; text: string } {
  const pattern = '%d{ISO8601} %p %c{1} %m%n'
  if (isOldLine(version))
    return {
      option: `-Dlog4j.configuration=file:${file}`,
      text: `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=${pattern}
`,
    }
  return {
    option: `-Dlog4j2.configurationFile=${file}`,
    text: `rootLogger=WARN, out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=${pattern}
`,
  }
}
