# Sets up MKA1 Desktop in this folder, then starts, tests or checks it. README.md says how; `./run.ps1 help` is short.
#
# Only .tools (uv, stamps) and .venv (the locked environment) are written here. The packages bring every library that
# Windows lacks. Written for Windows PowerShell 5.1 and PowerShell 7.
#
# No `param` block: everything after the word belongs to what is started.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$root = $PSScriptRoot
$tools = Join-Path $root '.tools'
$venv = Join-Path $root '.venv'
$python = Join-Path $venv 'Scripts\python.exe'
$app = Join-Path $venv 'Scripts\mka1-desktop.exe'
$stamp = Join-Path $tools 'ready'

# Standard output belongs to what is started.
function Say([string] $text) { [Console]::Error.WriteLine($text) }

function Stop-Here([string] $text) {
    Say $text
    exit 1
}

function Show-Usage {
    Say './run.ps1                     set up, and open the app with its demo service'
    Say './run.ps1 app [ARGUMENTS]     set up, and start mka1-desktop with these arguments'
    Say './run.ps1 test [ARGUMENTS]    set up, and pass all checks and tests (arguments go to pytest)'
    Say './run.ps1 check               set up, and pass the checks of format, lint, types and imports'
    Say './run.ps1 package             not in this version'
}

# What the set-up was made from: this script, the locked packages, and where they are installed.
function Get-Fingerprint {
    $parts = @($root)
    foreach ($name in 'run.ps1', 'pyproject.toml', 'uv.lock') {
        $parts += (Get-FileHash -Algorithm SHA256 -LiteralPath (Join-Path $root $name)).Hash
    }
    return $parts -join ' '
}

function Test-Ready {
    foreach ($path in $python, $app, (Join-Path $venv 'Lib\site-packages\aiortc'), $stamp) {
        if (-not (Test-Path -LiteralPath $path)) { return $false }
    }
    $known = ([System.IO.File]::ReadAllText($stamp)).Trim()
    return $known -eq (Get-Fingerprint)
}

# Run a program quietly and tell whether it succeeded. What it writes to standard error is no failure of this script.
function Test-Program([string] $file, [string[]] $words) {
    $before = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'
    try {
        & $file @words *> $null
        return $LASTEXITCODE -eq 0
    }
    catch { return $false }
    finally { $ErrorActionPreference = $before }
}

# Return the command of a Python that is new enough and has pip, as a list of words; the launcher comes first, since
# `python` may be the Microsoft Store's invitation to install one.
function Find-Python {
    $candidates = @(@('py', '-3'), @('py', '-3.13'), @('py', '-3.12'), @('py', '-3.11'), @('python'), @('python3'))
    foreach ($candidate in $candidates) {
        $file = $candidate[0]
        if (-not (Get-Command $file -ErrorAction SilentlyContinue)) { continue }
        [string[]] $words = @($candidate | Select-Object -Skip 1)
        $question = 'import pip, sys; sys.exit(sys.version_info < (3, 11))'
        if (Test-Program $file ($words + @('-c', $question))) { return , $candidate }
    }
    return $null
}

# Run a program whose words are seen by the person; its exit code decides. It may write to standard error.
function Invoke-Step([string] $file, [string[]] $words) {
    $before = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'
    try {
        & $file @words | ForEach-Object { Say $_ }
        return $LASTEXITCODE -eq 0
    }
    finally { $ErrorActionPreference = $before }
}

# Where pip put uv; the folder's name depends on pip's version.
function Find-Uv {
    foreach ($folder in 'bin', 'Scripts') {
        $path = Join-Path $tools "$folder\uv.exe"
        if (Test-Path -LiteralPath $path) { return $path }
    }
    return $null
}

function Initialize-App {
    if (Test-Ready) { return }
    Say "Setting up MKA1 Desktop in $root."
    $null = New-Item -ItemType Directory -Force -Path $tools
    $found = Find-Python
    if ($null -eq $found) {
        Stop-Here 'Python 3.11 or newer with pip is missing. Install it from python.org, then start again.'
    }
    $file = $found[0]
    [string[]] $launcher = @($found | Select-Object -Skip 1)
    if ($null -eq (Find-Uv)) {
        Say 'Fetching uv, which installs the packages of this project.'
        # A person's own settings of pip may exclude --target.
        $env:PIP_USER = '0'
        $env:PIP_REQUIRE_VIRTUALENV = '0'
        # No quotation marks or comparison signs inside an argument: Windows PowerShell does not pass them on safely.
        $done = Invoke-Step $file ($launcher + @('-m', 'pip', 'install', '--quiet', '--disable-pip-version-check',
                '--no-input', '--upgrade', '--target', $tools, 'uv'))
        Remove-Item Env:PIP_USER, Env:PIP_REQUIRE_VIRTUALENV
        if (-not $done -or $null -eq (Find-Uv)) {
            Stop-Here 'uv could not be fetched with pip. Check the network, then start again.'
        }
    }
    Say 'Installing the locked packages into .venv.'
    $env:UV_PYTHON_DOWNLOADS = 'never'
    $env:UV_COMPILE_BYTECODE = '1'
    $env:UV_PROJECT_ENVIRONMENT = $venv
    if (Test-Path Env:VIRTUAL_ENV) { Remove-Item Env:VIRTUAL_ENV }
    if (-not (Test-Path -LiteralPath $python)) {
        $env:UV_PYTHON = [string] (& $file @launcher -c 'import sys; print(sys.executable)')
    }
    $done = Invoke-Step (Find-Uv) @('sync', '--quiet', '--project', $root, '--frozen', '--extra', 'demo')
    if (-not $done) { Stop-Here 'The locked packages could not be installed. Check the network, then start again.' }
    [System.IO.File]::WriteAllText($stamp, (Get-Fingerprint))
    Say 'Ready.'
}

# Start the program that was asked for, with its own input and output, and end with its exit code.
function Start-Program([string] $file, [string[]] $words) {
    $ErrorActionPreference = 'Continue'
    & $file @words
    exit $LASTEXITCODE
}

# Without compiled modules the app starts twice as slowly.
if (Test-Path Env:PYTHONDONTWRITEBYTECODE) { Remove-Item Env:PYTHONDONTWRITEBYTECODE }

[string[]] $given = @($args | Where-Object { $null -ne $_ })
# Accepted for the sake of ./run: there are no system packages to install here.
while ($given.Count -gt 0 -and $given[0] -eq '--yes') { $given = @($given | Select-Object -Skip 1) }
$command = 'demo'
[string[]] $rest = @()
if ($given.Count -gt 0) {
    $command = $given[0]
    $rest = @($given | Select-Object -Skip 1)
}

switch ($command) {
    'demo' {
        Initialize-App
        Start-Program $app @('--demo')
    }
    'app' {
        Initialize-App
        Start-Program $app $rest
    }
    'test' {
        Initialize-App
        Start-Program $python (@((Join-Path $root 'packaging\check.py')) + $rest)
    }
    'check' {
        Initialize-App
        Start-Program $python @((Join-Path $root 'packaging\check.py'), '--no-tests')
    }
    'package' {
        Say 'Packaging is not in this version.'
        exit 2
    }
    { $_ -in 'help', '-h', '--help' } {
        Show-Usage
        exit 0
    }
    default {
        Show-Usage
        exit 2
    }
}
