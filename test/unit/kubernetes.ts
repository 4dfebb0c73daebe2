import { z } from 'zod';

/**
 * The parts of Kubernetes' manifests that deploy/ uses, after its API reference (v1.31). Strict, because Kubernetes itself drops a
 * key that is misspelled: what it was to do does not happen then.
 */

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const labels = z.record(z.string(), z.string().max(63));
const quantity = z.string().regex(/^\d+(m|Ki|Mi|Gi)?$/);
const port = z.int().min(1).max(65_535);
const resources = z.strictObject({
  cpu: quantity.optional(),
  memory: quantity.optional(),
  storage: quantity.optional(),
});
const selector = z.strictObject({ matchLabels: labels });

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port: z.union([name, port]) }).optional(),
  exec: z.strictObject({ command: z.array(z.string()) }).optional(),
  periodSeconds: z.int().positive().optional(),
  failureThreshold: z.int().positive().optional(),
});

const container = z.strictObject({
  name,
  image: z.string().regex(/:[\w.-]+$/, 'an image without a version is another one tomorrow'),
  args: z.array(z.string()).optional(),
  envFrom: z.array(z.strictObject({ secretRef: z.strictObject({ name }) })).optional(),
  // A number or true would have to be in quotes.
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  ports: z.array(z.strictObject({ name: name.max(15), containerPort: port })).optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  resources: z.strictObject({ requests: resources, limits: resources }).optional(),
  volumeMounts: z.array(z.strictObject({ name, mountPath: z.string().startsWith('/') })).optional(),
  securityContext: z
    .strictObject({
      allowPrivilegeEscalation: z.boolean(),
      readOnlyRootFilesystem: z.boolean(),
      capabilities: z.strictObject({ drop: z.array(z.string()) }),
    })
    .optional(),
});

const pod = z.strictObject({
  terminationGracePeriodSeconds: z.int().positive().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  securityContext: z
    .strictObject({
      runAsNonRoot: z.boolean(),
      runAsUser: z.int().positive(),
      seccompProfile: z.strictObject({ type: z.enum(['RuntimeDefault', 'Unconfined', 'Localhost']) }),
    })
    .optional(),
  topologySpreadConstraints: z
    .array(
      z.strictObject({
        maxSkew: z.int().positive(),
        topologyKey: z.string(),
        whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
        labelSelector: selector,
      }),
    )
    .optional(),
  containers: z.array(container).min(1),
  volumes: z.array(z.strictObject({ name, emptyDir: z.strictObject({ sizeLimit: quantity.optional() }) })).optional(),
});

const metadata = z.strictObject({ name, labels: labels.optional() });

const statefulSet = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('StatefulSet'),
  metadata,
  spec: z.strictObject({
    serviceName: name,
    replicas: z.int().min(0),
    minReadySeconds: z.int().min(0).optional(),
    podManagementPolicy: z.enum(['OrderedReady', 'Parallel']).optional(),
    selector,
    template: z.strictObject({ metadata: z.strictObject({ labels }), spec: pod }),
    volumeClaimTemplates: z
      .array(
        z.strictObject({
          metadata,
          spec: z.strictObject({
            accessModes: z.array(z.enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadOnlyMany', 'ReadWriteMany'])),
            resources: z.strictObject({ requests: resources }),
          }),
        }),
      )
      .optional(),
  }),
});

const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    selector: labels,
    ports: z.array(z.strictObject({ name, port, targetPort: z.union([name, port]) })).min(1),
  }),
});

const disruptionBudget = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.strictObject({ maxUnavailable: z.int().positive(), selector }),
});

export const manifestSchema = z.discriminatedUnion('kind', [statefulSet, service, disruptionBudget]);
