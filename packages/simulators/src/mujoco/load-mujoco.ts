export interface MujocoLoading {
  /** Where `mujoco.wasm` is; default: beside MuJoCo's own code, where bundlers put it too. */
  readonly wasmUrl?: string;
  /** Takes the lines that MuJoCo prints; default: the console. */
  readonly print?: (line: string) => void;
}

/**
 * Loads MuJoCo's official WebAssembly build (0.2 s, 18 MB), anew: whoever needs it twice keeps it.
 * @returns a `MainModule` by @mujoco/mujoco's types
 */
export async function loadMujoco({ wasmUrl, print }: MujocoLoading = {}): Promise<object> {
  const { default: createModule } = await import('@mujoco/mujoco');
  return createModule({
    ...(print === undefined ? {} : { print, printErr: print }),
    ...(wasmUrl === undefined ? {} : { locateFile: () => wasmUrl }),
  });
}
