@{
    CreateAction              = 'Créer la réservation de ports'
    RemoveAction              = 'Supprimer la réservation de ports'
    MapAction                 = 'Écrire la carte des ports'
    RangeAction               = 'Définir la plage de ports dynamique'
    RestartAction             = "Créer la réservation de ports ; si WinNAT occupe le bloc, arrêter puis redémarrer le service winnat : les conteneurs et machines virtuelles n'ont pas de réseau pendant ce temps"
    WinNatWait                = 'Attente du redémarrage du service winnat.'
    RangeWait                 = 'Attente de la modification complète de la plage de ports dynamique.'
    CreateProgress            = 'Création de réservations de ports'
    RemoveProgress            = 'Suppression de réservations de ports'
    BindProgress              = 'Liaison de sockets'
    TestProgress              = 'Test des ports'
    ProgressStatus            = '{0} jusqu''ici'

    PlatformNotSupported      = "Les réservations de ports n'existent que sous Windows ; ce système est {0}"
    PlatformNotSupportedAdvice = "Exécutez sous Windows, ou essayez avec le simulateur : Import-Module '{0}' -Force -ArgumentList @{{ Simulator = 'chemin de la bibliothèque du simulateur'; SimulatorState = 'chemin de son fichier d''état' }}"

    NodePathNotFound          = "Node.js n'existe pas à « {0} », chemin donné par l'option d'importation NodePath"
    NodeLink                  = '{0} (un lien, qu''une session élevée ne suit pas)'
    NodeNotFound              = 'Node.js est introuvable ; emplacements essayés : {0}'
    HostScriptNotFound        = "le programme de l'hôte est introuvable ; emplacements essayés : {0}. Dans un clone du dépôt, exécutez d'abord « npm run build »"
    HostStarting              = 'Démarrage de l''hôte : {0} {1}'
    HostDidNotStart           = 'L''hôte des réservations de ports n''a pas démarré : {0}'
    HostVersion               = "L'hôte {0} est en version {1}, mais ce module en version {2}"
    HostStartAdvice           = "Installez Node.js 22.20, 24.12 ou plus récent, ou donnez son chemin : Import-Module PortReservation -Force -ArgumentList @{{ NodePath = 'chemin de node' }}. Si Node.js est installé, réinstallez le module en entier."
    HostEnded                 = 'L''hôte des réservations de ports (processus {0}) s''est terminé : {1}'
    HostSilent                = 'L''hôte des réservations de ports (processus {0}) n''a pas répondu à temps et a été arrêté : {1}'
    HostOutOfStep             = "L'hôte des réservations de ports (processus {0}) a envoyé une réponse qui ne correspond à aucune demande et a été arrêté : {1}"
    HostSaidNothing           = "il n'a rien écrit sur stderr"
    HostEndedAdvice           = 'Ses sockets et réservations d''exécution sont perdus ; les réservations persistantes sont intactes. Réessayez : la prochaine cmdlet démarre un nouvel hôte.'
    HostBusy                  = 'L''hôte de cette session répond à une autre cmdlet, interrompue par une action d''événement ou un point d''arrêt'
    HostBusyAdvice            = "Exécutez de nouveau la cmdlet quand l'autre sera terminée."
    HostFaultAdvice           = "C'est un bogue de PortReservation : merci de le signaler."

    InvalidParameterAdvice    = 'Donnez un bloc entier : StartPort et NumberOfPorts de 1 à 65535, se terminant au plus tard au port 65535.'
    RangeAdvice               = 'Donnez une plage entière : Protocol, StartPort (1025 ou plus) et NumberOfPorts (255 ou plus), terminant au port 65535 au plus.'
    RangeIsBlock              = 'L''objet est un bloc de type {0}, et non une plage de ports dynamique'
    ValueNotAllowed           = '« {0} » n''est pas une des valeurs possibles : {1}.'
    PastLastPort              = 'Un bloc de {1} ports à partir du port {0} se terminerait au port {2}, après le dernier port, 65535'
    AddressFamilyIsForRuntime = "-AddressFamily ne concerne que les réservations d'exécution : les autres blocs valent toujours pour les deux familles"
    AddressFamilyAdvice       = 'Omettez -AddressFamily, ou donnez -Kind Runtime.'
    StoreIsForExclusions      = '-Store ne concerne que les exclusions ; ce bloc est de type {0}'
    StoreAdvice               = 'Omettez -Store, ou choisissez une exclusion.'
    FromIsForSearch           = "-From est le début de la recherche d'un bloc libre ; avec -StartPort ou -Kind Runtime, il n'y a pas de recherche"
    FromAdvice                = 'Omettez -From, ou omettez -StartPort et donnez un autre -Kind.'
    IfNotExistsNeedsStartPort = "-IfNotExists exige -StartPort : sans lui, n'importe quel bloc libre est pris"
    IfNotExistsAdvice         = 'Donnez le premier port du bloc, ou omettez -IfNotExists.'
    KindNotCreated            = 'Un bloc de type {0} ne peut pas être créé : -Kind doit être Persistent, Runtime ou Exclusion'
    KindNotCreatedAdvice      = "Pour une réservation persistante, omettez -Kind. Les blocs de type System sont créés par d'autres programmes."
    KindNotRemoved            = 'Un bloc de type {0} ne peut pas être supprimé : il appartient à un autre programme'
    KindNotRemovedAdvice      = 'Un bloc de type System prend fin avec le programme qui le détient (pour WinNAT : net stop winnat).'
    KindNotBound              = 'Un bloc de type {0} n''a pas de jeton avec lequel lier un socket'
    KindNotBoundAdvice        = 'Liez depuis une réservation persistante, ou une réservation d''exécution de cette session.'
    NotAReservation           = "L'objet n'est pas une réservation : son {0} doit être l'une des valeurs {1} ({2})"
    NotDigits                 = '''{0}'' n''est pas un nombre entier, écrit en chiffres seulement'
    NoStartPort               = 'L''objet n''a pas de StartPort et ne désigne donc aucun bloc; ses membres sont : {0}'
    MemberNotKnown            = 'Le membre ''{0}'' est inconnu : est-ce {1} ?'
    MemberTwice               = '{0} est donné deux fois, avec des valeurs différentes : {1}'
    EndPortContradicts        = 'EndPort {0} contredit StartPort {1} et NumberOfPorts {2}'
    LargerExclusion           = '{0} se trouve déjà dans {1} : rien n''a été créé.'
    ReservationGone           = "La réservation d'exécution {0} a pris fin avec le processus {1} qui la détenait"
    ReservationGoneAdvice     = "Une réservation d'exécution dure aussi longtemps que l'hôte de sa session : réservez de nouveau le bloc."
    BlockNotFound             = 'Il n''y a pas de bloc {0} en vigueur'
    BlockNotFoundAdvice       = 'Donnez le bloc exact : protocole, premier port et nombre de ports. Get-PortReservation liste tous les blocs.'
    BlocksNotRead             = "Incomplet : les réservations, les exclusions et les blocs d'autres programmes ({0}) n'ont pas pu être lus : {1}"
    DynamicRangeNotRead       = "Incomplet : la plage dynamique ({0}) n'a pas pu être lue : {1}"
    NotABind                  = 'L''objet n''est pas une liaison de cette session : {0}'
    NotABindAdvice            = 'Donnez un objet renvoyé par Invoke-AssociatedBind.'
    PortNotBound              = "Cette session n'a pas de liaison ouverte sur {0}"
    PortNotBoundAdvice        = "Donnez le port local et le protocole d'une liaison de cette session, ou -All pour toutes."

    PathNotFile               = "« {0} » n'est pas un chemin de fichier"
    PathExtension             = "« {0} » n'est pas un fichier .svg ou .html"
    PathAdvice                = "Donnez le chemin d'un fichier se terminant par .svg ou .html."
    FileExists                = 'Le fichier « {0} » existe déjà'
    FileExistsAdvice          = 'Donnez un autre nom, ou utilisez -Force pour le remplacer.'
    FileNotWritten            = "La carte n'a pas pu être écrite dans « {0} » : {1}"
    FileNotWrittenAdvice      = 'Choisissez un dossier existant où vous pouvez écrire.'
    AsSocketNotSupported      = "-AsSocket transmet un socket à un autre processus, ce qui n'est possible que sous Windows ; ce système est {0}"
    AsSocketNotSupportedAdvice = 'Omettez -AsSocket : l''objet de liaison fonctionne ici aussi.'
    AsSocketOrScriptBlock     = "-AsSocket et -ScriptBlock s'excluent : le socket d'un bloc de script est fermé à la fin de celui-ci"
    AsSocketOrScriptBlockAdvice = "N'utilisez que l'un des deux."
    SocketNotOpened           = "Le socket de {0} n'a pas pu être repris : {1}"
    SocketNotOpenedAdvice     = 'Les deux copies du socket sont fermées. Réessayez, ou utilisez l''objet de liaison sans -AsSocket.'

    ActionAccessDenied         = "Démarrez PowerShell par « Exécuter en tant qu'administrateur » ; (Get-PortReservationHost).IsElevated indique si la session est élevée."
    ActionInvalidParameter     = 'Get-Help -Full décrit les valeurs de chaque paramètre.'
    ActionPortInUse            = "Test-PortReservation -Port N indique qui a le port N. Si c'est WinNAT, New-PortReservation -Kind Exclusion -RestartWinNat lui reprend les ports."
    ActionPortInUseRestarted   = 'Test-PortReservation -Port N indique qui a le port N.'
    ActionReservationNotFound  = 'Get-PortReservation liste les réservations avec leurs blocs exacts.'
    ActionReservationExhausted = 'Close-AssociatedBind ferme une liaison ; New-PortReservation réserve un autre bloc.'
    ActionTokenNotValid        = 'Get-PortReservation indique les réservations de cette session et leurs jetons actuels.'
    ActionHostUnavailable      = 'Get-PortReservationHost démarre un hôte, ou indique pourquoi il ne démarre pas.'
    ActionPlatformNotSupported = 'Voir Get-Help about_PortReservation.'
    ActionNotSupported         = "Les réservations d'exécution exigent Windows 10 1809 ou Windows Server 2019 ; -AsSocket exige Windows."
    ActionOperationTimeout     = 'Réessayez quand le système sera moins occupé ; Invoke-AssociatedBind accepte un -TimeoutSec plus grand.'
    ActionNativeError          = "NativeErrorCode de l'exception est le code d'erreur Windows."
}
