/** Objects of Kubernetes, and what no schema knows of them: whether they fit together, and how little their pods may do. */

export interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Spec;
  readonly data?: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string>>;

interface Rule {
  readonly ports: ReadonlyArray<{ readonly port: number }>;
}

/** What is read of the specs of all kinds; the schemas have judged them. */
interface Spec {
  readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
  readonly serviceName?: string;
  readonly ports?: ReadonlyArray<{ readonly port: number }>;
  /** A Service has the labels themselves. */
  readonly selector?: { readonly matchLabels?: Labels };
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: ReadonlyArray<{ readonly containerPort: number }>;
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[] };
  };
  readonly volumeMounts: ReadonlyArray<{ readonly name: string; readonly mountPath: string }>;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
}

interface Probe {
  readonly exec?: { readonly command: readonly string[] };
  readonly grpc?: { readonly port: number };
}

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly seccompProfile?: { readonly type: string };
  };
  readonly containers: readonly Container[];
  readonly volumes: ReadonlyArray<{
    readonly name: string;
    readonly secret?: { readonly secretName: string; readonly defaultMode?: number };
  }>;
}

interface Pod extends PodSpec {
  readonly owner: string;
  readonly labels: Labels;
  readonly container: Container;
}

/** The pod that an object makes, if it makes any; all here have one container. */
export function podOf({ kind, metadata, spec }: KubeObject): Pod | undefined {
  if (spec?.template === undefined) return undefined;
  const { metadata: about, spec: pod } = spec.template;
  const [container] = pod.containers;
  if (container === undefined) throw new Error(`${metadata.name} has no container`);
  return { ...pod, owner: `${kind} ${metadata.name}`, labels: about.labels, container };
}

/** What pods may do without needing it; empty: nothing. */
export function looseEnds(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) => {
    const pod = podOf(object);
    if (pod === undefined) return [];
    const { securityContext: may, resources } = pod.container;
    const held: Record<string, boolean> = {
      'runs as root': pod.securityContext?.runAsNonRoot === true && pod.securityContext.runAsUser !== 0,
      'has all system calls': pod.securityContext?.seccompProfile?.type === 'RuntimeDefault',
      'has a token of the cluster': pod.automountServiceAccountToken === false,
      'may gain rights': may?.allowPrivilegeEscalation === false,
      'writes to its image': may?.readOnlyRootFilesystem === true,
      'has capabilities': may?.capabilities?.drop?.includes('ALL') === true,
      'takes any memory': resources?.limits?.['memory'] !== undefined,
      'asks for nothing': resources?.requests?.['cpu'] !== undefined,
      'shows its secrets': pod.volumes.every(
        ({ secret }) => secret === undefined || secret.defaultMode === 0o440,
      ),
    };
    return Object.entries(held).flatMap(([fault, isHeld]) => (isHeld ? [] : [`${pod.owner} ${fault}`]));
  });
}

const dnsPort = 53;

/** What one object says of another that is not so; empty: all fits. */
export function looseLinks(objects: readonly KubeObject[]): string[] {
  const pods = objects.flatMap((object) => podOf(object) ?? []);
  const named = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const faults: string[] = [];
  const expect = (isTrue: boolean, fault: string) => void (isTrue || faults.push(fault));
  const server = pods.find(({ labels }) => labels['app.kubernetes.io/component'] === 'env-server');
  const port = server?.container.ports?.[0]?.containerPort;

  for (const { kind, metadata, spec = {} } of objects) {
    const labels =
      kind === 'Service' ? (spec.selector as Labels) : (spec.selector ?? spec.podSelector)?.matchLabels;
    if (labels !== undefined) {
      expect(
        pods.some((pod) => isPartOf(labels, pod.labels)),
        `${kind} ${metadata.name} selects no pod`,
      );
    }
    if (spec.serviceName !== undefined) {
      expect(named('Service', spec.serviceName) !== undefined, `${metadata.name} has no Service`);
    }
    if (kind === 'Service') {
      expect(spec.ports?.[0]?.port === port, `${metadata.name} is at another port than its server`);
    }
    const open = [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap((rule) => rule.ports);
    expect(
      open.every((one) => one.port === port || one.port === dnsPort),
      `${metadata.name} opens another port`,
    );
  }
  for (const { owner, container, volumes } of pods) {
    for (const argument of container.args) {
      const [, at] = /^--server=dns:\/\/\/(.*)$/.exec(argument) ?? [];
      if (at !== undefined) {
        const [name = '', atPort] = at.split(':');
        expect(
          named('Service', name) !== undefined && Number(atPort) === port,
          `${owner}: nobody is at ${at}`,
        );
      }
      const [, path] = /^--[\w-]+=(\/run\/secrets\/.*)$/.exec(argument) ?? [];
      if (path === undefined) continue;
      const mount = container.volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
      const secret = volumes.find(({ name }) => name === mount?.name)?.secret?.secretName ?? '';
      const keys = Object.keys(named('Secret', secret)?.data ?? {});
      expect(
        keys.includes(path.slice((mount?.mountPath.length ?? 0) + 1)),
        `${owner}: no secret is at ${path}`,
      );
    }
  }
  return faults;
}

function isPartOf(part: Labels, whole: Labels): boolean {
  return Object.entries(part).every(([key, value]) => whole[key] === value);
}
