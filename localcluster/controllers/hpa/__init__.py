"""The HorizontalPodAutoscaler controller: pure arithmetic in small modules, the API only in `controller`."""
