import type { Protocol } from '../blocks.js';
import { text } from '../texts/text.js';
import type { Value } from '../texts/text.js';

const DEVELOPMENT = text('health.development');

/**
 * Ports that servers expect to bind by number, and what is usual there.
 * Source: IANA's service names and port numbers, and the defaults of the servers.
 */
const WELL_KNOWN: Readonly<Record<Protocol, Readonly<Record<number, Value>>>> = {
  tcp: {
    21: 'FTP', 22: 'SSH', 25: 'SMTP', 53: 'DNS', 80: 'HTTP', 88: 'Kerberos', 135: 'RPC', 139: 'NetBIOS', 389: 'LDAP', 443: 'HTTPS', 445: 'SMB',
    636: 'LDAPS', 1433: 'SQL Server', 1521: 'Oracle', 2375: 'Docker', 3000: DEVELOPMENT, 3306: 'MySQL', 3389: 'Remote Desktop',
    4200: 'Angular', 5000: DEVELOPMENT, 5001: 'ASP.NET Core', 5173: 'Vite', 5432: 'PostgreSQL', 5672: 'RabbitMQ', 5985: 'WinRM', 5986: 'WinRM',
    6379: 'Redis', 6443: 'Kubernetes', 8000: DEVELOPMENT, 8080: 'HTTP', 8443: 'HTTPS', 8888: 'Jupyter',
    9000: 'PHP-FPM', 9092: 'Kafka', 9200: 'Elasticsearch', 11434: 'Ollama', 27017: 'MongoDB', 50051: 'gRPC',
  },
  udp: {
    53: 'DNS', 67: 'DHCP', 69: 'TFTP', 123: 'NTP', 137: 'NetBIOS', 161: 'SNMP', 500: 'IKE', 514: 'syslog', 1434: 'SQL Server Browser', 1812: 'RADIUS',
    1900: 'SSDP', 4500: 'IPsec', 5353: 'mDNS', 51820: 'WireGuard',
  },
};

/** The well-known ports of a protocol from first to last, with their names. */
export function wellKnownPorts(protocol: Protocol, startPort: number, endPort: number): { port: number; name: Value }[] {
  return Object.entries(WELL_KNOWN[protocol]).map(([port, name]) => ({ port: Number(port), name }))
    .filter(({ port }) => port >= startPort && port <= endPort);
}
