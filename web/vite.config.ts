import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where a server started by `passerby serve` listens by default. */
const SERVER = 'http://127.0.0.1:8080';

// The server takes a WebSocket only from a page of its own host, so the proxy
// presents itself as such a page.
const toServer = { target: SERVER, changeOrigin: true, headers: { Origin: SERVER } };

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      '/ws': { ...toServer, ws: true },
      '/api': toServer,
    },
  },
  build: {
    outDir: 'dist',
    // The page is served under a policy that allows files only.
    assetsInlineLimit: 0,
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
  },
});
