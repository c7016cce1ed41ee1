"""A package, so that its folder is not searched for the helpers of other tests."""
