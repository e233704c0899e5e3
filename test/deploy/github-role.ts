import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts'
import type { Report } from './report.ts'
import { run } from './run.ts'
import { openService, root } from './service.ts'
import { blocksOf } from './shell-blocks.ts'
import { openShell } from './walkthrough.ts'

const page = 'docs/deploy-from-github.md'

/** Follows the page that makes the role for GitHub, and deploys with nothing but that role, as .github/workflows/deploy.yml does. */
export async function checkGitHubRole(programs: string, { step, check }: Report) {
  const aws = await startEmulatedAws(programs)
  try {
    const shell = openShell(root, { programs, aws, token: '' })
    let printed = ''
    for (const { code, notRunBecause, line } of blocksOf(readFileSync(join(root, page), 'utf8')))
      if (!notRunBecause) printed += await step(`role for GitHub (line ${line})`, () => shell(code))
    const [role = ''] = /arn:aws:iam::\d+:role\/\S+/.exec(printed) ?? []

    await check('cfn-lint finds nothing in the role for GitHub', async () => {
      await run(`${programs}cfn-lint`, ['-r', 'eu-central-1', '-t', join(root, 'infra/aws/github-role.yaml')])
    })
    await check('only the environment of the repository gets the role', async () => {
      const others = ['repo:example/kube-eventer-telegram:environment:dev', 'repo:example/other:environment:prod']
      for (const subject of others) await assert.rejects(assume(shell, role, subject), /AccessDenied/)
    })
    const credentials = await assume(shell, role, 'repo:example/kube-eventer-telegram:environment:prod')
    const service = openService({ ...aws.environment, ...credentials }, { TELEGRAM_CHAT_ID: '-1001234567890' })
    await step('deploy with the role for GitHub', () => deployOverHttp(aws, service.serverless))
    await check('the role deploys, also a change', async () => {
      await service.serverless(['deploy', '--force'], 'msk-iam', { delivery: 'on-demand' })
      await aws.configuration('kube-eventer-telegram-prod-notify')
    })
    await check('the role removes nothing', () =>
      assert.rejects(service.serverless(['remove'], 'msk-iam'), ({ stdout }: { stdout: string }) =>
        stdout.includes('cloudformation:DeleteStack'),
      ),
    )
  } finally {
    await aws.stop()
  }
}

/** What aws-actions/configure-aws-credentials does with a token that GitHub has signed. */
async function assume(shell: (code: string) => Promise<string>, role: string, sub: string) {
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = { iss: 'https://token.actions.githubusercontent.com', aud: 'sts.amazonaws.com', sub, iat: 1, exp: 4e9 }
  const token = `${encoded({ alg: 'RS256' })}.${encoded(claims)}.signature`
  const words = `--role-arn ${role} --role-session-name check --web-identity-token ${token} --output json`
  const { Credentials } = JSON.parse(await shell(`aws sts assume-role-with-web-identity ${words}`)) as {
    Credentials: Record<string, string>
  }
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials
  return { AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey, AWS_SESSION_TOKEN: SessionToken }
}

/** The bucket of the Serverless Framework denies HTTP, and the emulated AWS has nothing else. So its policy is taken away once it is there. */
async function deployOverHttp(aws: EmulatedAws, serverless: (words: string[], example: string) => Promise<string>) {
  await assert.rejects(serverless(['deploy'], 'msk-iam'), ({ stdout }: { stdout: string }) =>
    stdout.includes('Could not access the deployment bucket'),
  )
  const [, bucket] = /<Name>(kube-eventer-telegram-.*?)<\/Name>/.exec(await aws.request('s3', '/')) ?? []
  await aws.request('s3', `/${bucket}?policy`, { method: 'DELETE' })
  await serverless(['deploy'], 'msk-iam')
}
