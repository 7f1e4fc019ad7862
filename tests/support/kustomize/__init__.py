"""kustomize for the tests: built once by Go from the locked modules beside this file, kept outside the tree."""
