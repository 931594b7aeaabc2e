// Plain syntax, and nothing imported: an older Node.js must be able to say why it is refused.

/** What a program says that cannot start. */
interface StartTexts {
  /** The version is too old. @param version as in `process.versions.node` */
  readonly oldNode: (version: string) => string;
  readonly newerNode: string;
  readonly installAgain: string;
  /** What the host's program takes. */
  readonly hostArguments: string;
  /** The current folder was removed, or its share is gone. */
  readonly noFolder: string;
  readonly otherFolder: string;
}

export const START_TEXTS: Readonly<Record<'en' | 'de' | 'fr', StartTexts>> = {
  en: {
    oldNode: (version) => `Node.js 22.20, 24.12 or later is needed, and this is ${version}`,
    newerNode: 'Install a newer Node.js, for all users of the computer.',
    installAgain: 'Install PortReservation again.',
    hostArguments: 'The host takes --simulator with --simulator-state, and --language en, de or fr: see docs/host-protocol.md.',
    noFolder: 'the current folder is not there any more',
    otherFolder: 'Change to another folder.',
  },
  de: {
    oldNode: (version) => `Node.js 22.20, 24.12 oder neuer wird gebraucht, und dies ist ${version}`,
    newerNode: 'Ein neueres Node.js installieren, f\u00FCr alle Benutzer des Computers.',
    installAgain: 'PortReservation neu installieren.',
    hostArguments: 'Der Host kennt --simulator mit --simulator-state und --language en, de oder fr: siehe docs/host-protocol.md.',
    noFolder: 'der aktuelle Ordner ist nicht mehr da',
    otherFolder: 'In einen anderen Ordner wechseln.',
  },
  fr: {
    oldNode: (version) => `il faut Node.js 22.20, 24.12 ou plus r\u00E9cent, et celui-ci est ${version}`,
    newerNode: "Installez un Node.js plus r\u00E9cent, pour tous les utilisateurs de l'ordinateur.",
    installAgain: 'R\u00E9installez PortReservation.',
    hostArguments: "L'h\u00F4te accepte --simulator avec --simulator-state, et --language en, de ou fr : voir docs/host-protocol.md.",
    noFolder: "le dossier actuel n'existe plus",
    otherFolder: 'Passez dans un autre dossier.',
  },
};
