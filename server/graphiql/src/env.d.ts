// What the bundler puts in: worker addresses and example documents as text.
declare const WORKER_URLS: { editor: string; graphql: string; json: string };
declare module "*.graphql" {
  const text: string;
  export default text;
}
declare module "*.css";
