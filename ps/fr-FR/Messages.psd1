@{
    CreateAction              = 'Créer la réservation de ports'
    RemoveAction              = 'Supprimer la réservation de ports'
    ReplaceAction             = 'Remplacer les réservations à sa place'
    MapAction                 = 'Écrire la carte des ports'
    RangeAction               = 'Définir la plage de ports dynamiques'
    RestartAction             = "Créer la réservation de ports ; si WinNAT détient le bloc, arrêter puis redémarrer le service winnat : les conteneurs et machines virtuelles n'ont pas de réseau pendant ce temps"
    WinNatWait                = 'Attente du redémarrage du service winnat.'
    RangeWait                 = 'Attente de la modification complète de la plage de ports dynamiques.'
    SyncWait                  = 'Attente de la fin du bloc commencé.'
    CreateProgress            = 'Création de réservations de ports'
    RemoveProgress            = 'Suppression de réservations de ports'
    BindProgress              = 'Liaison de sockets'
    TestProgress              = 'Test des ports'
    ProgressStatus            = '{0} jusqu''ici'

    PlatformNotSupported      = "Les réservations de ports n'existent que sous Windows ; ce système est {0}"
    PlatformNotSupportedAdvice = "Exécutez sous Windows, ou essayez avec le simulateur : Import-Module '{0}' -Force -ArgumentList @{{ Simulator = 'chemin de la bibliothèque du simulateur'; SimulatorState = 'chemin de son fichier d''état' }}"

    ImportOptionUnknown       = 'PortReservation n''a pas d''option d''importation ''{0}''. Les options sont Simulator, SimulatorState et NodePath : Import-Module PortReservation -ArgumentList @{{ Simulator = ''...''; SimulatorState = ''...'' }}'
    ImportOptionEmpty         = 'L''option d''importation ''{0}'' de PortReservation est vide : donnez un chemin.'
    ImportOptionsTogether     = 'Les options d''importation Simulator et SimulatorState de PortReservation vont ensemble : donnez les deux.'
    NodePathNotFound          = "Node.js est introuvable à l'emplacement « {0} », chemin donné par l'option d'importation NodePath"
    NodeLink                  = '{0} (un lien, qu''une session avec élévation de privilèges ne suit pas)'
    NodeWritable              = '{0} (pas utilisé dans une session avec élévation de privilèges, car {1} peut le modifier)'
    NodeUnreadable            = '{0} (pas utilisé dans une session avec élévation de privilèges : impossible de déterminer qui peut le modifier : {1})'
    NodeNotFound              = 'Node.js est introuvable ; emplacements essayés : {0}'
    HostScriptNotFound        = "le programme de l'hôte est introuvable ; emplacements essayés : {0}. Dans un clone du dépôt, exécutez d'abord « npm run build »"
    HostStarting              = 'Démarrage de l''hôte : {0} {1}'
    HostDidNotStart           = 'L''hôte des réservations de ports n''a pas démarré : {0}'
    HostVersion               = "L'hôte {0} est en version {1}, mais ce module en version {2}"
    HostStartAdvice           = "Installez Node.js 22.20, 24.12 ou plus récent, ou donnez son chemin : Import-Module PortReservation -Force -ArgumentList @{{ NodePath = 'chemin de node' }}. Si Node.js est installé, réinstallez le module en entier."
    HostEnded                 = 'L''hôte des réservations de ports (processus {0}) s''est terminé : {1}'
    HostSilent                = 'L''hôte des réservations de ports (processus {0}) n''a pas répondu à temps et a été arrêté : {1}'
    HostOutOfStep             = "L'hôte des réservations de ports (processus {0}) a envoyé une réponse qui ne correspond à aucune requête et a été arrêté : {1}"
    HostSaidNothing           = "il n'a rien écrit sur stderr"
    HostEndedAdvice           = 'Ses sockets et réservations d''exécution sont perdus ; les réservations persistantes restent. Ce qu''il était en train de modifier peut l''être en partie. Réessayez : la prochaine applet de commande démarre un nouvel hôte.'
    HostBusy                  = 'L''hôte de cette session est occupé par une autre applet de commande, interrompue par une action d''événement ou un point d''arrêt'
    HostBusyAdvice            = "Exécutez de nouveau l'applet de commande quand l'autre sera terminée."
    ModuleRemoved             = "Le module PortReservation n'est plus chargé (Remove-Module, ou Import-Module -Force)"
    ModuleRemovedAdvice       = "Ce que l'applet de commande a renvoyé est en vigueur, sauf les sockets et les réservations d'exécution. Importez le module et exécutez de nouveau l'applet de commande pour le reste."
    LineTooLong               = 'La requête a {0} caractères et l''hôte en lit au plus {1}'
    LineTooLongAdvice         = 'Raccourcissez la valeur. Donnez une longue liste de blocs sous forme de fichier JSON ou CSV (Sync-PortReservation -Path), que l''hôte lit lui-même.'
    HostFaultAdvice           = "C'est un bogue de PortReservation : merci de le signaler."

    ValueNotAllowed           = '« {0} » n''est pas une des valeurs possibles : {1}.'
    NotDigits                 = '''{0}'' n''est pas un nombre entier écrit uniquement en chiffres.'
    NotUndone                 = '{0} est en vigueur, bien que non renvoyé, et n''a pas pu être supprimé : {1}'
    MayBeInForce              = '{0} est peut-être en vigueur, bien que non renvoyé : {1}'
    FoundInForce              = 'L''hôte s''est arrêté avant de répondre. Blocs que le suivant a trouvés en vigueur : {0}. Cette applet de commande les a créés, ou ils existaient déjà, ce que plus personne ne peut dire'
    NotABind                  = 'L''objet n''est pas une liaison de cette session : {0}'
    NotABindAdvice            = 'Donnez un objet renvoyé par Invoke-AssociatedBind.'
    PortNotBound              = "Cette session n'a pas de liaison ouverte sur {0}"
    PortNotBoundAdvice        = "Donnez le port local et le protocole d'une liaison de cette session, ou -All pour toutes."

    NobodyToAsk               = '{0} devait être confirmé, et personne ne peut être interrogé ici : {1}'
    NobodyToAskAdvice         = 'Rien n''a été modifié pour cela. Indiquez -Confirm:$false pour que rien ne soit demandé.'

    PathNotFile               = "« {0} » n'est pas un chemin de fichier"
    PathAdvice                = "Donnez le chemin d'un fichier se terminant par .svg ou .html."
    DataFileFault             = '{0}, ligne {1} : ceci n''est pas une liste de blocs : {2}'
    DataFileCode              = '{0} : une liste de blocs n''a que des valeurs : ni commande, ni variable, ni calcul.'
    SyncAdvice                = 'Corrigez la liste. Rien n''a été modifié.'
    NothingPiped              = "Rien n'a été transmis par le pipeline, et -Purge supprimerait chaque bloc qu'il atteint"
    NothingPipedAdvice        = "Cherchez pourquoi il n'y avait rien. Rien n'a été modifié. Si la liste ne doit avoir aucun bloc : -InputObject @()."
    PathOrBlocks              = 'PortReservationList « {0} » a besoin de Path ou de Blocks, et d''un seul des deux.'
    AsSocketNotSupported      = "-AsSocket transmet un socket à un autre processus, ce qui n'est possible que sous Windows ; ce système est {0}"
    AsSocketNotSupportedAdvice = 'Omettez -AsSocket : l''objet de liaison fonctionne ici aussi.'
    AsSocketOrScriptBlock     = "-AsSocket et -ScriptBlock s'excluent : le socket d'un bloc de script est fermé à la fin de celui-ci"
    AsSocketOrScriptBlockAdvice = "N'utilisez que l'un des deux."
    SocketNotOpened           = "Le socket de {0} n'a pas pu être repris : {1}"
    SocketNotOpenedAdvice     = 'Les deux copies du socket sont fermées. Réessayez, ou utilisez l''objet de liaison sans -AsSocket.'

    ActionAccessDenied         = "Démarrez PowerShell par « Exécuter en tant qu'administrateur » ; (Get-PortReservationHost).IsElevated indique si la session dispose de privilèges élevés."
    ActionInvalidParameter     = 'Get-Help -Full décrit les valeurs de chaque paramètre.'
    ActionPortInUse            = "Test-PortReservation -Port N indique qui occupe le port N. Si c'est WinNAT, New-PortReservation -Kind Exclusion -RestartWinNat lui reprend les ports."
    ActionReservationNotFound  = 'Get-PortReservation liste les réservations avec leurs blocs exacts.'
    ActionReservationExhausted = 'Close-AssociatedBind ferme une liaison ; New-PortReservation réserve un autre bloc.'
    ActionTokenNotValid        = 'Get-PortReservation indique les réservations de cette session et leurs jetons actuels.'
    ActionHostUnavailable      = 'Get-PortReservationHost démarre un hôte, ou indique pourquoi il ne démarre pas.'
    ActionPlatformNotSupported = 'Voir Get-Help about_PortReservation.'
    ActionNotSupported         = "Les réservations d'exécution exigent Windows 10 1809 ou Windows Server 2019 ; -AsSocket exige Windows."
    ActionOperationTimeout     = 'Réessayez quand le système sera moins occupé ; Invoke-AssociatedBind accepte un -TimeoutSec plus grand.'
    ActionNativeError          = "NativeErrorCode de l'exception est le code d'erreur Windows."
}
