"""Traffic for a challenger: read what happened, decide what it means, write the next step."""
