import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface Certificates {
  /** Signed the broker's and the client's certificate. */
  ca: string
  /** Signed neither. */
  wrongCa: string
  certificate: string
  key: string
}

/** Creates the files in this folder. `keyStore` is the broker's: its key, its certificate and the CA. */
export function makeCertificates(folder: string): Certificates & { keyStore: string } {
  const file = (name: string) => join(folder, name)

  function authority(name: string): string {
    const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]
    openssl('req', '-x509', ...newKey, '-days', '30', '-subj', `/CN=${name}`, ...files)
    return file(`${name}.pem`)
  }

  function signed(name: string, extension: string): { certificate: string; key: string } {
    const [key, request, certificate] = [file(`${name}.key`), file(`${name}.csr`), file(`${name}.pem`)]
    const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial']
    writeFileSync(file(`${name}.ext`), extension)
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', key, '-out', request)
    openssl('x509', '-req', '-in', request, ...by, '-days', '30', '-extfile', file(`${name}.ext`), '-out', certificate)
    return { certificate, key }
  }

  const [ca, wrongCa] = [authority('ca'), authority('wrong-ca')]
  const server = signed('server', 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  const keyStore = file('server-store.pem')
  writeFileSync(keyStore, [server.key, server.certificate, ca].map((name) => readFileSync(name, 'utf8')).join(''))
  return { ca, wrongCa, ...signed('client', 'extendedKeyUsage=clientAuth'), keyStore }
}

// Kafka reads keys in PKCS#8 only, which is what openssl req writes.
const newKey = ['-newkey', 'rsa:2048', '-nodes']

function openssl(...args: string[]) {
  const { error, status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (error) throw new Error('The tests of TLS need openssl in PATH.')
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}:\n${stderr}`)
}
