/** `npx vite examples/deploy/browser` serves the page and, beside it, the file that export.js wrote. */
export default {
  publicDir: process.env.POLICY_FOLDER ?? '../../../runs/deploy',
  // It finds its WebAssembly beside itself.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: { target: 'esnext', chunkSizeWarningLimit: 2 ** 15 },
};
