# Get-Help looks for about_ files next to the manifests of loaded modules, but the clone's manifest is one folder above
# them. So the module also loads this manifest. The release has everything in one folder and does not need it.
@{
    ModuleVersion = '0.1.0'
}
