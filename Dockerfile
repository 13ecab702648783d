# The project with JupyterLab and all that it needs: for `docker run`, and for Binder, which takes this file as well.
FROM node:22-bookworm AS base
RUN apt-get update \
  && apt-get install --yes --no-install-recommends chromium python3-venv \
  && rm -rf /var/lib/apt/lists/*

# Dev containers and Codespaces end here: they bring the checkout.
FROM base
# The image's user has the id 1000, which Binder asks for.
USER node
RUN mkdir /home/node/speech-emotion
WORKDIR /home/node/speech-emotion
COPY --chown=node:node . .
RUN npm run lab -- --version \
  && node bin/ser.js doctor --setup \
  && rm -rf ~/.npm ~/.cache/pip
ENV PATH=/home/node/speech-emotion/.venv/bin:$PATH
EXPOSE 8888
CMD ["npm", "run", "lab", "--", "--ip=0.0.0.0", "--no-browser"]
