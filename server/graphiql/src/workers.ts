// Where the editor's background threads come from: our own origin. Imported before anything that starts the editor.
(globalThis as { MonacoEnvironment?: unknown }).MonacoEnvironment = {
  getWorker: (_module: string, label: string): Worker => new Worker(workerUrl(label), { name: label }),
};

function workerUrl(label: string): string {
  if (label === "json") return WORKER_URLS.json;
  if (label === "graphql") return WORKER_URLS.graphql;
  return WORKER_URLS.editor;
}
