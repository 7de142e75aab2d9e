/** For who shows or keeps what people type, and knows no hosts. */
export { hideSecrets } from './hosts/secrets.ts';
