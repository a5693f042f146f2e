/** mjtWarning, in its order. */
export const warningKinds = [
  'inertia',
  'contact_full',
  'constraint_full',
  'bad_qpos',
  'bad_qvel',
  'bad_qacc',
  'bad_ctrl',
] as const;

export type WarningKind = (typeof warningKinds)[number];

/** How often MuJoCo warned; kinds of which there was none are left out. */
export type WarningCounts = { readonly [kind in WarningKind]?: bigint };
