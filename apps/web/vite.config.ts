import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// A vite.config is found by its default export.
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The api's policy for scripts and images allows our own files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
});
