"""The register of applications, organisations and policies: recorded, mended, withdrawn."""
