/** Version of this build, set by the build. */
declare const __APP_VERSION__: string;
