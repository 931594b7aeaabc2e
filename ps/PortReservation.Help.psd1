# Get-Help looks for about_ files beside the manifests of loaded modules, and the clone's is a folder above them. This one
# is loaded with the module for their sake; the release has everything in one folder, and does without.
@{
    ModuleVersion = '0.1.0'
}
